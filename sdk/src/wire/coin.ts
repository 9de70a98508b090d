/** Canonical bytes of what events carry of the coin's. The cryptography checks lengths exactly; here they are bounded. */
import { hexToBytes } from '@noble/hashes/utils.js'
import * as P from 'micro-packed'
import type { CoinParts, KeyItem, PostedShare } from '../core/coin/items.ts'
import type { Toss } from '../core/coin/port.ts'
import type { EventId, Hash } from '../core/gossip/event.ts'
import { atLeastOne, boundedBytes, boundedList, type Coder, encodeWith, hash32, record, union } from './codec.ts'
import { createDigest } from './digest.ts'
import { limits } from './limits.ts'

const proofBytes = boundedBytes(limits.coinProofBytes)

const keyItemCoder: Coder<KeyItem> = union<KeyItem>({
  register: [1, record({ key: hash32, proof: proofBytes })],
  deal: [2, record({ epoch: P.U32BE, deal: boundedBytes(limits.dealBytes) })],
  clean: [3, record({ epoch: P.U32BE, deals: hash32 })],
  complaint: [4, record({ epoch: P.U32BE, deal: hash32, complaint: proofBytes })],
  draw: [5, record({ height: P.U32BE })],
})

const tossCoder: Coder<Toss> = union<Toss>({
  flip: [1, record({ election: P.U32BE, round: P.U32BE })],
  block: [2, record({ height: atLeastOne(P.U32BE) })],
})

const coinPartsFields: Coder<CoinParts> = record<CoinParts>({
  items: boundedList(limits.keyItemsPerEvent, keyItemCoder),
  shares: boundedList(limits.coinSharesPerEvent, record<PostedShare>({ toss: tossCoder, share: proofBytes })),
})

/** Not for nothing at all: an event without such parts has no bytes for them. */
export const coinPartsCoder: Coder<CoinParts> = P.validate(coinPartsFields, (parts) => {
  if (parts.items.length + parts.shares.length === 0) throw new Error('coin parts without anything in them')
  return parts
})

const dealsDigest = createDigest('coin-deals')
const epochCoder = record<{ epoch: number }>({ epoch: P.U32BE })

/** Names an exact list of deals of an epoch by the ids of the events that hold them. */
export function dealsHash(epoch: number, events: readonly EventId[]): Hash {
  return dealsDigest(encodeWith(epochCoder, { epoch }), ...events.map(hexToBytes))
}
