/**
 * Application values as transaction bytes: a random nonce, then MessagePack. Every browser must accept and reject the
 * same bytes, so depth and kinds are checked before the library, whose own bounds depend on the stack, sees them.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js'
import { Packr } from 'msgpackr'
import type { PeerId } from '../core/gossip/event.ts'
import { limits } from '../wire/index.ts'
import { ParsecError } from './errors.ts'

export const NONCE_BYTES = 12
/** Arrays and maps inside each other. */
export const MAX_DEPTH = 64

const packr = new Packr({
  ...{ useRecords: false, mapsAsObjects: true, encodeUndefinedAsNil: true, variableMapSize: true },
  // Whoever gets a value may keep and change it.
  copyBuffers: true,
})

export interface EncodedTransaction {
  readonly id: string
  readonly bytes: Uint8Array
}

/** Throws `ParsecError` `badValue`. `nonce` is random, so that equal values are different transactions. */
export function encodeTransaction(
  identify: (transaction: Uint8Array) => string,
  nonce: Uint8Array,
  value: unknown,
): EncodedTransaction {
  if (!canTravel(value)) {
    throw new ParsecError(
      'badValue',
      `only plain values travel (no class but Date and Uint8Array), at most ${MAX_DEPTH} deep`,
    )
  }
  let packed: Uint8Array
  try {
    packed = packr.pack(value)
  } catch (cause) {
    throw new ParsecError('badValue', 'this value cannot be encoded', { cause })
  }
  const bytes = concatBytes(nonce, packed)
  if (bytes.length > limits.transactionBytes) {
    throw new ParsecError('badValue', `${bytes.length} bytes encoded, at most ${limits.transactionBytes}`)
  }
  return { id: identify(bytes), bytes }
}

// Half a character has no place in UTF-8.
const loneSurrogate = /\p{Surrogate}/u

/** What arrives as it was sent: everything else would arrive as something else. */
function canTravel(value: unknown, depth = 0): boolean {
  switch (typeof value) {
    case 'undefined':
    case 'boolean':
    case 'number':
      return true
    case 'string':
      return !loneSurrogate.test(value)
    case 'bigint':
      return BigInt.asIntN(64, value) === value || BigInt.asUintN(64, value) === value
    case 'object':
      break
    default:
      return false
  }
  if (value === null) return true
  if (value instanceof Date) return !Number.isNaN(value.getTime())
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Uint8Array.prototype) return true
  if (depth >= MAX_DEPTH) return false
  // Holes would arrive as something, so an array needs as many entries as its length.
  if (Array.isArray(value)) {
    return Object.keys(value).length === value.length && value.every((item) => canTravel(item, depth + 1))
  }
  if (prototype !== Object.prototype && prototype !== null) return false
  return Object.entries(value).every(
    ([key, item]) => key !== '__proto__' && !loneSurrogate.test(key) && canTravel(item, depth + 1),
  )
}

/** What of a transaction is its value, as it travels; empty for bytes that are no value: their author's fault, the same in every tab. */
export function valueBytes(transaction: Uint8Array): Uint8Array {
  const packed = transaction.subarray(NONCE_BYTES)
  return isPlain(packed) ? packed : packed.subarray(0, 0)
}

/** Undefined for no bytes, and for what a library makes nothing of. Never throws. */
export function decodeValue(bytes: Uint8Array, range: { readonly start: number; readonly end: number }): unknown {
  if (range.start === range.end) return undefined
  try {
    return packr.unpack(bytes, range)
  } catch {
    return undefined
  }
}

/** Names this creator's transactions. The id covers the creator, so that nobody can take another's. */
export function createIdentifier(creator: PeerId): (transaction: Uint8Array) => string {
  const key = hexToBytes(creator)
  const named = new Uint8Array(key.length + NONCE_BYTES)
  named.set(key)
  return (transaction) => {
    const nonce = transaction.subarray(0, NONCE_BYTES)
    named.set(nonce, key.length)
    return bytesToHex(sha256(named.subarray(0, key.length + nonce.length)).subarray(0, 16))
  }
}

/** One MessagePack value and nothing else: nil, booleans, numbers, strings, bytes, dates, arrays and maps. */
export function isPlain(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // How many values each open array or map still wants.
  const open: number[] = []
  let at = 0
  try {
    do {
      const { content, children } = readHead(view, at)
      at += content
      if (at > bytes.length) return false
      if (children > 0) {
        if (open.length >= MAX_DEPTH) return false
        open.push(children)
        continue
      }
      while (open.length > 0) {
        const left = (open.pop() as number) - 1
        if (left > 0) {
          open.push(left)
          break
        }
      }
    } while (open.length > 0)
  } catch {
    return false
  }
  return at === bytes.length
}

interface Head {
  /** Bytes of the head and of what follows it directly. */
  readonly content: number
  /** Values inside. */
  readonly children: number
}

const leaf = (content: number): Head => ({ content, children: 0 })

/** The MessagePack specification's table of formats. Throws for what may not travel. */
function readHead(view: DataView, at: number): Head {
  const tag = view.getUint8(at)
  if (tag <= 0x7f || tag >= 0xe0) return leaf(1)
  if (tag <= 0x8f) return { content: 1, children: 2 * (tag & 0x0f) }
  if (tag <= 0x9f) return { content: 1, children: tag & 0x0f }
  if (tag <= 0xbf) return leaf(1 + (tag & 0x1f))
  const timestamp = -1
  switch (tag) {
    case 0xc0:
    case 0xc2:
    case 0xc3:
      return leaf(1)
    case 0xc4:
    case 0xd9:
      return leaf(2 + view.getUint8(at + 1))
    case 0xc5:
    case 0xda:
      return leaf(3 + view.getUint16(at + 1))
    case 0xc6:
    case 0xdb:
      return leaf(5 + view.getUint32(at + 1))
    case 0xc7:
      if (view.getInt8(at + 2) === timestamp) return leaf(3 + view.getUint8(at + 1))
      break
    case 0xca:
    case 0xce:
    case 0xd2:
      return leaf(5)
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return leaf(9)
    case 0xcc:
    case 0xd0:
      return leaf(2)
    case 0xcd:
    case 0xd1:
      return leaf(3)
    case 0xd6:
    case 0xd7:
      if (view.getInt8(at + 1) === timestamp) return leaf(tag === 0xd6 ? 6 : 10)
      break
    case 0xdc:
      return { content: 3, children: view.getUint16(at + 1) }
    case 0xdd:
      return { content: 5, children: view.getUint32(at + 1) }
    case 0xde:
      return { content: 3, children: 2 * view.getUint16(at + 1) }
    case 0xdf:
      return { content: 5, children: 2 * view.getUint32(at + 1) }
  }
  throw new RangeError('not plain')
}
