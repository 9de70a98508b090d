/**
 * Which section a tab without one belongs to: the one it finds, or one that it founds when nobody is there. Pure.
 */
import type { Hash, PeerId } from '../core/gossip/event.ts'

export interface Surroundings {
  readonly self: PeerId
  /** Milliseconds since others in the room can be heard; null before that. */
  readonly connectedForMs: number | null
  /** Clients in the room by the servers' count, ourselves included; null while none has said. */
  readonly clients: number | null
  /** Connected peers that said that they are in no section. */
  readonly homeless: readonly PeerId[]
  /** Connected peers that have not said anything yet. */
  readonly silent: number
  /** Somebody in the room says what our password does not open. */
  readonly unreadable: boolean
}

/** Tabs that start together meet within this time; whoever is first then founds. */
export const GATHER_MS = 1_000
/** Whoever the server counts and nobody can reach is gone, or out of reach for good. */
export const GIVE_UP_MS = 6_000

/** Whether to found a section now. */
export function shouldFound({ self, connectedForMs, clients, homeless, silent, unreadable }: Surroundings): boolean {
  if (connectedForMs === null) return false
  if (clients !== null && clients <= 1) return true
  if (silent > 0 && connectedForMs < GIVE_UP_MS) return false
  const isAlone = homeless.length === 0
  // With the right password it would be their section.
  if (isAlone) return connectedForMs >= GIVE_UP_MS && !unreadable
  return connectedForMs >= GATHER_MS && homeless.every((peer) => self < peer)
}

/** What another section in the same room means for ours. */
export type Encounter = 'same' | 'weYield' | 'theyYield' | 'conflict'

export interface SectionClaim {
  readonly sectionId: Hash
  /** Something is final there. */
  readonly hasHistory: boolean
}

/** A section of one voter with nothing final yields; of two such, the one with the greater id. */
export function encounter(ours: SectionClaim, theirs: SectionClaim): Encounter {
  if (ours.sectionId === theirs.sectionId) return 'same'
  if (ours.hasHistory && theirs.hasHistory) return 'conflict'
  if (ours.hasHistory) return 'theyYield'
  if (theirs.hasHistory) return 'weYield'
  return ours.sectionId > theirs.sectionId ? 'weYield' : 'theyYield'
}
