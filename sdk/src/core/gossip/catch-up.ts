/**
 * After our own process stood still, or lost something: nothing is said before we know what was said meanwhile. Imports
 * core types only.
 */
import type { EventId, PeerId } from './event.ts'

/** How long we wait for neighbours to tell what they hold, in milliseconds: a reconnection takes less. */
export const CATCH_UP_MS = 3_000

export interface CatchUp {
  /** These neighbours greet us anew, each with the heads of its graph. */
  begin(nowMs: number, neighbours: readonly PeerId[]): void
  /** However long it takes: an event after one of ours that others have, and we lost, would be a fork. */
  holdFor(own: EventId): void
  onTips(from: PeerId, tips: readonly EventId[]): void
  peerDown(peer: PeerId): void
  /**
   * Until when no event is created at the latest, infinity while an own one is missing; null once everything that we were
   * told of is here.
   */
  heldUntilMs(nowMs: number): number | null
}

export function createCatchUp(isHere: (id: EventId) => boolean): CatchUp {
  let untilMs: number | null = null
  let missing: EventId | null = null
  let hasHeard = false
  // What each neighbour holds; null until it says.
  const told = new Map<PeerId, readonly EventId[] | null>()
  return {
    begin(nowMs, neighbours) {
      untilMs = nowMs + CATCH_UP_MS
      hasHeard = false
      told.clear()
      for (const peer of neighbours) told.set(peer, null)
    },
    holdFor(own) {
      missing = own
    },
    onTips(from, tips) {
      if (untilMs === null) return
      hasHeard = true
      told.set(from, tips)
    },
    peerDown: (peer) => void told.delete(peer),
    heldUntilMs(nowMs) {
      if (missing !== null && isHere(missing)) missing = null
      if (missing !== null) return Number.POSITIVE_INFINITY
      if (untilMs === null) return null
      const isComplete = hasHeard && [...told.values()].every((tips) => tips?.every(isHere))
      if (isComplete || nowMs >= untilMs) {
        untilMs = null
        told.clear()
      }
      return untilMs
    },
  }
}
