/**
 * What a section writes into files, version 1: its *history* (genesis, final blocks, attestations), which proves itself,
 * and its *event log* (genesis, gossip events), from which everything else follows. Both are a short preamble and records
 * behind their lengths, so that a reader decodes one record at a time and can say which one is damaged.
 */
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import * as P from 'micro-packed'
import type { Hash } from '../core/gossip/event.ts'
import type { BlockTransactions, Genesis } from '../core/section/block.ts'
import type { Observation } from '../core/section/observation.ts'
import { type BlockHeader, blockHeaderCoder, blockTransactionsCoder } from './block.ts'
import { atMost, type Coder, type Decoded, decodeWith, encodeWith, hash32, listOf, record, refusal } from './codec.ts'
import { genesisCoder } from './genesis.ts'
import { limits, sealedEventBytesMax } from './limits.ts'
import { observationCoder } from './observation.ts'

/** An event's header and its creator's signature: what vouches for the block that the header attests. */
export interface SignedHeader {
  readonly header: Uint8Array
  readonly signature: Uint8Array
}

export interface FilePreamble {
  /** Hash of the genesis, stated so that a damaged genesis is told from one of another section. */
  readonly sectionId: Hash
  readonly genesis: Genesis
  /** Blocks up to this one are final by what the records say. */
  readonly height: number
  /** Records that follow. */
  readonly count: number
}

export interface HistoryRecord {
  /** Hash of the header, stated so that damage is found in the record it is in. */
  readonly hash: Hash
  readonly header: BlockHeader
  readonly items: readonly BlockTransactions[]
  readonly observations: readonly Observation[]
  /** Events that attest exactly this block, at most one per creator. Above the preamble's height all that counts of a block. */
  readonly attestations: readonly SignedHeader[]
}

export type FileKind = 'history' | 'events'

/** A file's bytes, records not looked into yet. */
export interface FileParts {
  readonly preamble: FilePreamble
  /** As many as the preamble says, or fewer: then `end` says why. Views of the file. */
  readonly records: readonly Uint8Array[]
  readonly end: 'complete' | 'truncated' | 'recordTooLarge' | 'trailingBytes'
}

const version = 1
const magic: Readonly<Record<FileKind, Uint8Array>> = {
  history: utf8ToBytes('parsec-web history\n'),
  events: utf8ToBytes('parsec-web events\n'),
}
const recordBytesMax: Readonly<Record<FileKind, number>> = {
  history: limits.historyRecordBytes,
  events: sealedEventBytesMax,
}

const preambleCoder = record<FilePreamble>({
  sectionId: hash32,
  genesis: genesisCoder,
  height: P.U32BE,
  count: P.U32BE,
})
const preambleBytesMax = 16 * 1024

const attestation = record<SignedHeader>({
  header: P.bytes(atMost(limits.headerBytes, P.U16BE)),
  signature: P.bytes(64),
})

const recordCoder: Coder<HistoryRecord> = record<HistoryRecord>({
  hash: hash32,
  header: blockHeaderCoder,
  items: listOf(
    atMost(limits.historyItems, P.U32BE),
    record<BlockTransactions>({ event: hash32, creator: hash32, transactions: blockTransactionsCoder }),
  ),
  observations: listOf(atMost(limits.historyItems, P.U32BE), observationCoder),
  attestations: listOf(atMost(limits.historyAttestations, P.U16BE), attestation),
})

/** Throws `EncodingError` for a block above the limits. */
export function encodeHistoryRecord(block: HistoryRecord): Uint8Array {
  return encodeWith(recordCoder, block)
}

export function decodeHistoryRecord(bytes: Uint8Array): Decoded<HistoryRecord> {
  return decodeWith(recordCoder, bytes, limits.historyRecordBytes)
}

/** magic, version (1 byte), preamble behind its 16-bit length, then each record behind its 32-bit length. */
export function encodeFile(
  kind: FileKind,
  { sectionId, genesis, height }: Omit<FilePreamble, 'count'>,
  records: readonly Uint8Array[],
): Uint8Array {
  const preamble = encodeWith(preambleCoder, { sectionId, genesis, height, count: records.length })
  const parts: Uint8Array[] = [magic[kind], Uint8Array.of(version), P.U16BE.encode(preamble.length), preamble]
  for (const bytes of records) parts.push(P.U32BE.encode(bytes.length), bytes)
  return concatBytes(...parts)
}

/** Refuses what has no preamble; records are only told apart. */
export function decodeFile(kind: FileKind, file: Uint8Array): Decoded<FileParts> {
  const name = magic[kind]
  if (!name.every((byte, index) => file[index] === byte)) return refusal('malformed', `not a parsec-web ${kind} file`)
  if (file[name.length] !== version) {
    return refusal('unsupportedVersion', `${kind} file version ${file[name.length] ?? 'missing'}`)
  }
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  let at = name.length + 1
  if (file.length < at + 2) return refusal('malformed', 'the preamble is cut off')
  const length = view.getUint16(at)
  at += 2
  if (file.length < at + length) return refusal('malformed', 'the preamble is cut off')
  const preamble = decodeWith(preambleCoder, file.subarray(at, at + length), preambleBytesMax)
  if ('error' in preamble) return preamble
  at += length
  const records: Uint8Array[] = []
  const parts = (end: FileParts['end']) => ({ ok: { preamble: preamble.ok, records, end } })
  while (records.length < preamble.ok.count) {
    if (file.length < at + 4) return parts('truncated')
    const size = view.getUint32(at)
    if (size > recordBytesMax[kind]) return parts('recordTooLarge')
    if (file.length < at + 4 + size) return parts('truncated')
    records.push(file.subarray(at + 4, at + 4 + size))
    at += 4 + size
  }
  return parts(at === file.length ? 'complete' : 'trailingBytes')
}
