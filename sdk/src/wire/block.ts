/**
 * Canonical bytes of blocks. The hash covers a header of constant size that commits to voters, items and observations by
 * their hashes, so that a chain of headers can be checked without the transactions, and each item on its own.
 */
import { hexToBytes } from '@noble/hashes/utils.js'
import * as P from 'micro-packed'
import type { Hash } from '../core/gossip/event.ts'
import type { BlockContent, BlockTransactions } from '../core/section/block.ts'
import {
  atLeastOne,
  byteStrings,
  type Coder,
  type Decoded,
  decodeWith,
  encodeWith,
  hash32,
  record,
  refusal,
  u48,
  versioned,
} from './codec.ts'
import { createDigest } from './digest.ts'
import { limits } from './limits.ts'
import { observationKey } from './observation.ts'

/** All that the block hash covers. */
export interface BlockHeader {
  readonly sectionId: Hash
  readonly height: number
  readonly previous: Hash
  readonly timeMs: number
  /** Hash of the list of voters. */
  readonly votersRoot: Hash
  /** Hash of the list of the items' hashes, each over event id, creator and the hash of its transactions. */
  readonly itemsRoot: Hash
  /** Hash of the list of observation keys. */
  readonly observationsRoot: Hash
}

const version = 1

export const blockHeaderCoder = versioned(
  version,
  record<BlockHeader>({
    sectionId: hash32,
    height: atLeastOne(P.U32BE),
    previous: hash32,
    timeMs: u48,
    votersRoot: hash32,
    itemsRoot: hash32,
    observationsRoot: hash32,
  }),
)

const headerBytes = 1 + 32 + 4 + 32 + 6 + 3 * 32

const blockDigest = createDigest('block')
const votersDigest = createDigest('block-voters')
const itemDigest = createDigest('block-item')
const itemsDigest = createDigest('block-items')
const transactionsDigest = createDigest('block-transactions')
const observationsDigest = createDigest('block-observations')

export const blockTransactionsCoder: Coder<readonly Uint8Array[]> = byteStrings(P.U32BE, limits.transactionBytes)

type Transactions = BlockTransactions['transactions']

/** Hash of the transactions: 32-bit count; each with 32-bit length. */
export function transactionsHash(transactions: Transactions): Hash {
  return transactionsDigest(encodeWith(blockTransactionsCoder, transactions))
}

/** The same, off this thread where there are many. */
export function transactionsHashLater(transactions: Transactions): Promise<Hash> {
  return transactionsDigest.later(encodeWith(blockTransactionsCoder, transactions))
}

/** Hash of one item: 32-byte event id, 32-byte creator, hash of its transactions. */
export function blockItemHash(item: BlockTransactions, hashOf = transactionsHash): Hash {
  return itemDigest(hexToBytes(item.event), hexToBytes(item.creator), hexToBytes(hashOf(item.transactions)))
}

/** Hash of the voters' keys, one after another in the given order. */
export function votersRoot(voters: BlockContent['voters']): Hash {
  return votersDigest(...voters.map(hexToBytes))
}

/** `hashOf`: for who knows the transactions' hashes already. */
export function blockHeader(content: BlockContent, hashOf = transactionsHash): BlockHeader {
  return {
    sectionId: content.sectionId,
    height: content.height,
    previous: content.previous,
    timeMs: content.timeMs,
    votersRoot: votersRoot(content.voters),
    itemsRoot: itemsDigest(...content.items.map((item) => hexToBytes(blockItemHash(item, hashOf)))),
    observationsRoot: observationsDigest(...content.observations.map((each) => hexToBytes(observationKey(each)))),
  }
}

/** Throws `EncodingError` for a height of 0 or numbers out of range. */
export function encodeBlockHeader(header: BlockHeader): Uint8Array {
  return encodeWith(blockHeaderCoder, header)
}

export function decodeBlockHeader(bytes: Uint8Array): Decoded<BlockHeader> {
  if (bytes.length > 0 && bytes[0] !== version) return refusal('unsupportedVersion', `block version ${bytes[0]}`)
  return decodeWith(blockHeaderCoder, bytes, headerBytes)
}

export function blockHeaderHash(header: BlockHeader): Hash {
  return blockDigest(encodeBlockHeader(header))
}
