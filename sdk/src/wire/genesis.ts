/** Canonical bytes of a section's genesis; their hash is the section id. */
import * as P from 'micro-packed'
import type { Hash } from '../core/gossip/event.ts'
import type { Genesis, PreviousSection } from '../core/section/block.ts'
import {
  ascending,
  atLeastOne,
  atMost,
  boundedList,
  type Coder,
  type Decoded,
  decodeWith,
  encodeWith,
  hash32,
  nullable,
  record,
  refusal,
  u48,
  versioned,
} from './codec.ts'
import { createDigest } from './digest.ts'
import { limits } from './limits.ts'

const version = 1

const founders = P.validate(ascending(boundedList(limits.voters, hash32)), (keys) => {
  if (keys.length === 0) throw new Error('a section needs a founder')
  return keys
})

const previousSection = record<PreviousSection>({ sectionId: hash32, height: P.U32BE, blockHash: hash32 })

export const genesisCoder: Coder<Genesis> = record<Genesis>({
  founders,
  createdAtMs: u48,
  salt: hash32,
  previousSection: nullable(previousSection),
  maxVoters: atLeastOne(atMost(limits.voters, P.U16BE)),
})

const versionedGenesis = versioned(version, genesisCoder)
const genesisBytesMax = 1 + 2 + limits.voters * 32 + 6 + 32 + (1 + 32 + 4 + 32) + 2
const digest = createDigest('genesis')

/** Throws `EncodingError` unless founders are ascending and at least one, and numbers are within the limits. */
export function encodeGenesis(genesis: Genesis): Uint8Array {
  return encodeWith(versionedGenesis, genesis)
}

export function decodeGenesis(bytes: Uint8Array): Decoded<Genesis> {
  if (bytes.length > 0 && bytes[0] !== version) return refusal('unsupportedVersion', `genesis version ${bytes[0]}`)
  return decodeWith(versionedGenesis, bytes, genesisBytesMax)
}

/** The section id. */
export function genesisHash(genesis: Genesis): Hash {
  return digest(encodeGenesis(genesis))
}
