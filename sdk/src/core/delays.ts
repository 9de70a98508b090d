/** The measured one-way delays of the links, and their median, by which everything is paced. Imports core types only. */
import type { PeerId } from './gossip/event.ts'

/** Assumed until a delay has been measured, in milliseconds. */
const DEFAULT_DELAY_MS = 25

export interface Delays {
  measured(peer: PeerId, oneWayMs: number): void
  peerDown(peer: PeerId): void
  /** In milliseconds. */
  readonly medianMs: number
}

export function createDelays(): Delays {
  const delays = new Map<PeerId, number>()
  // Read at every event, changed once in a while.
  let medianMs = DEFAULT_DELAY_MS
  function update(): void {
    const measured = [...delays.values()].sort((a, b) => a - b)
    medianMs = measured[measured.length >> 1] ?? DEFAULT_DELAY_MS
  }
  return {
    measured(peer, oneWayMs) {
      delays.set(peer, oneWayMs)
      update()
    },
    peerDown(peer) {
      if (delays.delete(peer)) update()
    },
    get medianMs() {
      return medianMs
    },
  }
}
