/** The hashing that the core is lent: SHA-256 over the canonical bytes of version 1. */
import { hexToBytes } from '@noble/hashes/utils.js'
import * as P from 'micro-packed'
import type { EventBody, GossipEvent, Hash } from '../core/gossip/event.ts'
import type { Hashing } from '../core/io.ts'
import { blockHeader, blockHeaderHash, transactionsHash, transactionsHashLater } from './block.ts'
import { encodeWith, record } from './codec.ts'
import { dealsHash } from './coin.ts'
import { createDigest } from './digest.ts'
import { type EncodedEvent, encodeEvent } from './event.ts'
import { genesisHash } from './genesis.ts'
import { observationKey } from './observation.ts'

const tieBreakDigest = createDigest('tie-break')
const coinDigest = createDigest('predictable-coin')
const coinPlace = record<{ election: number; round: number }>({ election: P.U32BE, round: P.U32BE })

/** Hashing that does nothing twice, and in advance what takes long. */
export interface WireHashing extends Hashing {
  /** Hashes, off this thread, what the block with this event will ask for. Never rejects for an event within the limits. */
  prepare(event: GossipEvent): Promise<void>
  /** The bytes of an event; if it was hashed here, those that were. */
  encoded(event: GossipEvent): EncodedEvent
}

/** Throws `EncodingError` for values above the wire's limits or not in canonical form. */
export function createHashing(): WireHashing {
  const drafts = new WeakMap<EventBody, EncodedEvent>()
  const prepared = new WeakMap<EventBody['transactions'], Hash>()
  return {
    async prepare({ body: { transactions } }) {
      if (transactions.length > 0) prepared.set(transactions, await transactionsHashLater(transactions))
    },
    encoded(event) {
      const draft = drafts.get(event.body)
      return draft?.id === event.id ? draft : encodeEvent(event)
    },
    genesis: genesisHash,
    event(content) {
      const encoded = encodeEvent(content)
      drafts.set(content.body, encoded)
      return encoded.id
    },
    block: (content) => blockHeaderHash(blockHeader(content, (all) => prepared.get(all) ?? transactionsHash(all))),
    observation: observationKey,
    tieBreak: (previous, id) => tieBreakDigest(hexToBytes(previous), hexToBytes(id)),
    deals: dealsHash,
    coin: (lastBlock, election, round, subject) =>
      coinDigest(hexToBytes(lastBlock), encodeWith(coinPlace, { election, round }), hexToBytes(subject)),
  }
}
