/**
 * Whether another session with our key has taken our place. Any one peer may claim so; but once nobody is left to whom we
 * are connected, and the last to go said so, it is so as far as we can know.
 */
import type { PeerId } from '../core/gossip/event.ts'

export interface Doubles {
  peerUp(peer: PeerId): void
  peerDown(peer: PeerId): void
  /** This peer says that it goes on with another session of ours. */
  replaced(by: PeerId): void
}

export function createDoubles(isAlone: () => boolean, onReplaced: () => void): Doubles {
  const replacedBy = new Set<PeerId>()
  return {
    peerUp: (peer) => void replacedBy.delete(peer),
    peerDown(peer) {
      if (replacedBy.has(peer) && isAlone()) onReplaced()
    },
    replaced(by) {
      replacedBy.add(by)
      if (isAlone()) onReplaced()
    },
  }
}
