/**
 * Gossip as it was before multi-parent events (RFC 0049): one partner at a time, drawn at random each δ, and one
 * other-parent an event. Exists so that the simulator can show what the section's way is worth. Imports the core only.
 */
import type { Hashing } from '../io.ts'
import type { Hash, PeerId } from './event.ts'

export interface ClassicGossip {
  /** The partner whose turn it is, if it is time; draws the next one. */
  partner(neighbours: readonly PeerId[], nowMs: number): PeerId | null
  /** When the next turn is. */
  readonly nextMs: number
}

export function createClassicGossip(
  hashing: Hashing,
  self: PeerId,
  sectionId: Hash,
  delayMs: () => number,
): ClassicGossip {
  let lastMs = Number.NEGATIVE_INFINITY
  let draw = hashing.tieBreak(sectionId, self)
  return {
    partner(neighbours, nowMs) {
      if (nowMs - lastMs < delayMs() || neighbours.length === 0) return null
      lastMs = nowMs
      draw = hashing.tieBreak(sectionId, draw)
      return neighbours[Number.parseInt(draw.slice(0, 8), 16) % neighbours.length] ?? null
    },
    get nextMs() {
      return lastMs + delayMs()
    },
  }
}
