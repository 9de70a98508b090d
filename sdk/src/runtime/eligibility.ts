/** Which members the application lets vote: asked once for each, remembered, and no until it has answered. */
import type { PeerId } from '../core/gossip/event.ts'

export type MayVote = (peer: PeerId) => boolean | Promise<boolean>

/** `answered` is called when somebody turns out to be eligible. A function that fails makes nobody a voter. */
export function createEligibility(ask: MayVote | null, answered: () => void): (peer: PeerId) => boolean {
  const answers = new Map<PeerId, boolean>()

  async function find(peer: PeerId): Promise<void> {
    try {
      if ((await ask?.(peer)) !== true) return
    } catch {
      return
    }
    answers.set(peer, true)
    answered()
  }

  return (peer) => {
    if (ask === null) return true
    const known = answers.get(peer)
    if (known !== undefined) return known
    answers.set(peer, false)
    void find(peer)
    return false
  }
}
