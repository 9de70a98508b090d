/** Who sits in which slot. A slot whose storage was lost goes on as somebody new. */
import { createHash } from 'node:crypto'
import type { PeerId } from '../src/core/gossip/event.ts'

export interface Identities {
  of(slot: number, life: number): PeerId
  slotOf(peer: PeerId): number | undefined
  /** P3; P3' after one loss of storage. */
  nameOf(peer: PeerId): string
}

export function createIdentities(seed: number): Identities {
  const known = new Map<PeerId, { slot: number; life: number }>()
  const keys = new Map<string, PeerId>()
  return {
    of(slot, life) {
      const label = `${slot}.${life}`
      const made = keys.get(label)
      if (made !== undefined) return made
      const peer = createHash('sha256').update(`identity ${seed} ${label}`).digest('hex')
      keys.set(label, peer)
      known.set(peer, { slot, life })
      return peer
    },
    slotOf: (peer) => known.get(peer)?.slot,
    nameOf(peer) {
      const place = known.get(peer)
      return place === undefined ? peer.slice(0, 8) : `P${place.slot}${'′'.repeat(place.life)}`
    },
  }
}
