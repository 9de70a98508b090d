/**
 * The coin's random oracles. Each has its own domain tag, ended by a zero byte so that none is a prefix of another, and
 * every part is preceded by its length, so that no two lists of parts are hashed alike.
 */
import { ristretto255_hasher } from '@noble/curves/ed25519.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { type Element, scalarFromWide } from './group.ts'

export type Purpose =
  | 'epoch'
  | 'member-statement'
  | 'terms'
  | 'deal-head'
  | 'deal'
  | 'deal-key'
  | 'epoch-key'
  | 'key-proof'
  | 'deal-proof'
  | 'complaint'
  | 'coin-name'
  | 'share'
  | 'nonce'
  | 'batch-weights'
  | 'coin'
  | 'bit'

export function hash32(purpose: Purpose, ...parts: readonly Uint8Array[]): Uint8Array {
  return sha256(framed(purpose, parts))
}

export function hash64(purpose: Purpose, ...parts: readonly Uint8Array[]): Uint8Array {
  return sha512(framed(purpose, parts))
}

/** Uniform up to 2^-259: 512 bits reduced by the group's order. */
export function hashToScalar(purpose: Purpose, ...parts: readonly Uint8Array[]): bigint {
  return scalarFromWide(hash64(purpose, ...parts))
}

// RFC 9380, section 3.1: the tag names the application, its version and the suite (appendix B).
const coinPointDomain = 'parsec-web/coin/point/1_ristretto255_XMD:SHA-512_R255MAP_RO_'

/** hash_to_ristretto255 (RFC 9380, appendix B) of the coin's name. Nobody knows its logarithm. */
export function hashToElement(...parts: readonly Uint8Array[]): Element {
  return ristretto255_hasher.hashToCurve(lengthPrefixed(parts), { DST: coinPointDomain })
}

function framed(purpose: Purpose, parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(utf8ToBytes(`parsec-web/coin/${purpose}/1\0`), lengthPrefixed(parts))
}

function lengthPrefixed(parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...parts.flatMap((part) => [uint32(part.length), part]))
}

/** Big-endian. */
export function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}
