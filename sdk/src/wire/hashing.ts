/** The hashing that the core is lent: SHA-256 over the canonical bytes of version 1. */
import { hexToBytes } from '@noble/hashes/utils.js'
import * as P from 'micro-packed'
import type { Hashing } from '../core/io.ts'
import { blockHeader, blockHeaderHash } from './block.ts'
import { encodeWith, record } from './codec.ts'
import { dealsHash } from './coin.ts'
import { createDigest } from './digest.ts'
import { encodeEvent } from './event.ts'
import { genesisHash } from './genesis.ts'
import { observationKey } from './observation.ts'

const tieBreakDigest = createDigest('tie-break')
const coinDigest = createDigest('predictable-coin')
const coinPlace = record<{ election: number; round: number }>({ election: P.U32BE, round: P.U32BE })

/** Throws `EncodingError` for values above the wire's limits or not in canonical form. */
export function createHashing(): Hashing {
  return {
    genesis: genesisHash,
    event: (content) => encodeEvent(content).id,
    block: (content) => blockHeaderHash(blockHeader(content)),
    observation: observationKey,
    tieBreak: (previous, id) => tieBreakDigest(hexToBytes(previous), hexToBytes(id)),
    deals: dealsHash,
    coin: (lastBlock, election, round, subject) =>
      coinDigest(hexToBytes(lastBlock), encodeWith(coinPlace, { election, round }), hexToBytes(subject)),
  }
}
