/**
 * The one rule by which every peer accepts or refuses an Ed25519 signature (RFC 8032 leaves room, and implementations
 * disagree): docs/decisions/0001-signature-rule.md. Here in full over noble's points, as the reference and the fallback;
 * the verifier lets WebCrypto do the last step where it proved to follow the same rule.
 */
import { Point } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js'
import type { PeerId } from '../core/gossip/event.ts'

/** Order of the base point. */
const groupOrder = Point.CURVE().n

const keyPattern = /^[0-9a-f]{64}$/

/**
 * Encodings of the y-coordinates of the eight points of small order, sign bit cleared: 0, 1, -1, two of order 8, and 0
 * and 1 once more with the field's prime added. With either sign bit, the 14 small-order encodings.
 */
const smallOrderY: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
])

/** A canonical encoding (RFC 8032, section 5.1.3) of a point that is neither of small order nor has a part that is. */
export function isAdmissibleKey(key: PeerId): boolean {
  const point = decodeKey(key)
  return point !== null && !point.isSmallOrder() && point.isTorsionFree()
}

function decodeKey(key: PeerId): Point | null {
  if (!keyPattern.test(key)) return null
  try {
    return Point.fromHex(key)
  } catch {
    return null
  }
}

/** 64 bytes, S below the group order, R none of the 14 small-order encodings. Cheap, and asked before every verification. */
export function isWellFormedSignature(signature: Uint8Array): boolean {
  if (signature.length !== 64 || littleEndian(signature.subarray(32)) >= groupOrder) return false
  const y = signature.slice(0, 32)
  y[31] = (y[31] ?? 0) & 0x7f
  return !smallOrderY.has(bytesToHex(y))
}

/**
 * The rule's last step, without a cofactor: S·B − k·A, encoded, is R byte for byte. Expects an admissible key and a
 * well-formed signature.
 */
export function verifyByPoints(key: PeerId, signature: Uint8Array, message: Uint8Array): boolean {
  const r = signature.subarray(0, 32)
  const s = littleEndian(signature.subarray(32))
  const k = littleEndian(sha512(concatBytes(r, hexToBytes(key), message))) % groupOrder
  const expected = Point.BASE.multiply(s, false).subtract(Point.fromHex(key).multiply(k, false))
  return bytesToHex(expected.toBytes()) === bytesToHex(r)
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytesToHex(bytes.slice().reverse())}`)
}
