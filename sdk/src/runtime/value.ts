/**
 * Application values as transaction bytes: a nonce, then MessagePack. Every browser must accept and reject the
 * same bytes, so depth and kinds are checked before the library, whose own bounds depend on the stack, sees them.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js'
import { Packr } from 'msgpackr'
import type { PeerId } from '../core/gossip/event.ts'
import { limits } from '../wire/index.ts'
import { ParsecError } from './errors.ts'

/** The series, random, and a number in it, big-endian: what follows another in a series is kept in mind in a bit. */
export const NONCE_BYTES = 12
const SERIES_BYTES = 8
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

/** Throws `ParsecError` `badValue`. No `nonce` is used twice, so that equal values are different transactions. */
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
  const length = nonce.length + packed.length
  if (length > limits.transactionBytes) {
    throw new ParsecError('badValue', `${length} bytes encoded, at most ${limits.transactionBytes}`)
  }
  const bytes = new Uint8Array(length)
  bytes.set(nonce)
  bytes.set(packed, nonce.length)
  return { id: identify(bytes), bytes }
}

/** One series, and another one after it. What is answered is written over the next time. */
export function createNonces(random: (length: number) => Uint8Array): () => Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES)
  const view = new DataView(nonce.buffer)
  let next = 0
  return () => {
    if (next === 0) nonce.set(random(SERIES_BYTES))
    view.setUint32(SERIES_BYTES, next)
    next = (next + 1) >>> 0
    return nonce
  }
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

/** Whether there is a value in it. If not, that is its author's fault, the same in every tab. */
export function holdsValue(transaction: Uint8Array): boolean {
  return isPlain(transaction, NONCE_BYTES)
}

/**
 * The value of a transaction that holds one and lies there in the bytes; undefined for no bytes, and where the library makes
 * nothing of them. Never throws.
 */
export function decodeValue(bytes: Uint8Array, start: number, end: number): unknown {
  if (start === end) return undefined
  try {
    return packr.unpack(bytes, { start: start + NONCE_BYTES, end })
  } catch {
    return undefined
  }
}

/**
 * Names this creator's transactions: a hash of creator and series, 12 bytes, then the number in the series. The id covers
 * the creator, so that nobody can take another's. Bytes that are too few count as followed by zeros.
 */
export function createIdentifier(creator: PeerId): (transaction: Uint8Array) => string {
  const key = hexToBytes(creator)
  // The series that came last: mostly the next is of it too.
  const series = new Uint8Array(SERIES_BYTES)
  let name: string | null = null
  return (transaction) => {
    if (name === null || series.some((byte, i) => byte !== (transaction[i] ?? 0))) {
      series.fill(0)
      series.set(transaction.subarray(0, SERIES_BYTES))
      name = bytesToHex(sha256(concatBytes(key, series)).subarray(0, NAME_BYTES))
    }
    const number = unsigned(transaction, SERIES_BYTES, NONCE_BYTES - SERIES_BYTES)
    return name + number.toString(16).padStart(2 * (NONCE_BYTES - SERIES_BYTES), '0')
  }
}

const NAME_BYTES = 12

/** From there on, one MessagePack value and nothing else: nil, booleans, numbers, strings, bytes, dates, arrays and maps. */
export function isPlain(bytes: Uint8Array, from = 0): boolean {
  // How many values are wanted: in the innermost open array or map, and in each of those around it.
  let wanted = 1
  const around: number[] = []
  let at = from
  while (wanted > 0) {
    const size = headSize(bytes, at)
    if (size === NOT_PLAIN) return false
    const children = childrenAt(bytes, at)
    at += size
    if (at > bytes.length) return false
    wanted--
    if (children > 0) {
      if (around.length >= MAX_DEPTH) return false
      around.push(wanted)
      wanted = children
    }
    while (wanted === 0 && around.length > 0) wanted = around.pop() as number
  }
  return at === bytes.length
}

const NOT_PLAIN = -1

/**
 * Bytes of the head there and of what follows it directly: the MessagePack specification's table of formats. Beyond the
 * end bytes count as 0, and the size then says that it ends there.
 */
function headSize(bytes: Uint8Array, at: number): number {
  if (at >= bytes.length) return NOT_PLAIN
  const tag = bytes[at] as number
  if (tag <= 0x9f || tag >= 0xe0) return 1
  if (tag <= 0xbf) return 1 + (tag & 0x1f)
  switch (tag) {
    case 0xc0:
    case 0xc2:
    case 0xc3:
      return 1
    case 0xc4:
    case 0xd9:
      return 2 + unsigned(bytes, at + 1, 1)
    case 0xc5:
    case 0xda:
      return 3 + unsigned(bytes, at + 1, 2)
    case 0xc6:
    case 0xdb:
      return 5 + unsigned(bytes, at + 1, 4)
    case 0xc7:
      return bytes[at + 2] === TIMESTAMP ? 3 + unsigned(bytes, at + 1, 1) : NOT_PLAIN
    case 0xca:
    case 0xce:
    case 0xd2:
      return 5
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return 9
    case 0xcc:
    case 0xd0:
      return 2
    case 0xcd:
    case 0xd1:
    case 0xdc:
    case 0xde:
      return 3
    case 0xd6:
    case 0xd7:
      if (bytes[at + 1] !== TIMESTAMP) return NOT_PLAIN
      return tag === 0xd6 ? 6 : 10
    case 0xdd:
    case 0xdf:
      return 5
    default:
      return NOT_PLAIN
  }
}

/** The type -1, in two's complement. */
const TIMESTAMP = 0xff

/** Values inside the array or map that begins there; 0 for everything else. */
function childrenAt(bytes: Uint8Array, at: number): number {
  const tag = bytes[at] as number
  if (tag < 0x80 || tag > 0xdf) return 0
  if (tag <= 0x8f) return 2 * (tag & 0x0f)
  if (tag <= 0x9f) return tag & 0x0f
  switch (tag) {
    case 0xdc:
      return unsigned(bytes, at + 1, 2)
    case 0xdd:
      return unsigned(bytes, at + 1, 4)
    case 0xde:
      return 2 * unsigned(bytes, at + 1, 2)
    case 0xdf:
      return 2 * unsigned(bytes, at + 1, 4)
    default:
      return 0
  }
}

function unsigned(bytes: Uint8Array, at: number, length: number): number {
  let value = 0
  for (let i = at; i < at + length; i++) value = value * 256 + (bytes[i] ?? 0)
  return value
}
