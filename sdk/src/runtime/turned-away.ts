/** What those who could let us in answered. */
import type { PeerId } from '../core/gossip/event.ts'
import type { AdmissionRefusal } from './types.ts'

/** Members that we do not reach yet may still let us in: so long we wait after the first refusal. */
export const REFUSAL_PATIENCE_MS = 3_000

export interface TurnedAway {
  refusedBy(peer: PeerId, refusal: AdmissionRefusal, nowMs: number): void
  /** What it answered is forgotten: it is gone, or will be asked again. */
  forget(peer: PeerId): void
  /** The latest answer; null while nobody has refused us. */
  readonly latest: AdmissionRefusal | null
  /** Whether everybody that could be asked has refused us, for long enough. */
  isFinal(asked: ReadonlySet<PeerId>, nowMs: number): boolean
}

export function createTurnedAway(): TurnedAway {
  const refusals = new Map<PeerId, AdmissionRefusal>()
  let sinceMs: number | null = null
  return {
    refusedBy(peer, refusal, nowMs) {
      sinceMs ??= nowMs
      refusals.delete(peer)
      refusals.set(peer, refusal)
    },
    forget(peer) {
      refusals.delete(peer)
      if (refusals.size === 0) sinceMs = null
    },
    get latest() {
      return [...refusals.values()].at(-1) ?? null
    },
    isFinal: (asked, nowMs) =>
      sinceMs !== null &&
      nowMs - sinceMs >= REFUSAL_PATIENCE_MS &&
      asked.size > 0 &&
      [...asked].every((peer) => refusals.has(peer)),
  }
}
