/** The key by which a member receives its share of an epoch's key; registered with its identity. */

import { decodeOrNull, logsProofCoder } from './codec.ts'
import {
  type EncodedElement,
  elementFromHex,
  elementToHex,
  encodeScalar,
  generator,
  multiplySecret,
  type Random,
  randomScalar,
  requireKey,
  requireSecret,
} from './group.ts'
import { knowsLogs, proveLogs } from './known-logs.ts'

/** A ristretto255 element other than the identity, 32 bytes in lower-case hexadecimal. */
export type CoinPublicKey = string

export interface CoinKey {
  /** A scalar below ℓ other than zero, 32 bytes, little-endian. */
  readonly secret: Uint8Array
  readonly public: CoinPublicKey
}

const proofCoder = logsProofCoder(1)

/** Takes 64 random bytes. Throws `CoinInputError` for a broken random source. */
export function createCoinKey(random: Random): CoinKey {
  return coinKeyFrom(encodeScalar(randomScalar(random)))
}

/** From the kept secret. Throws `CoinInputError` for other than the canonical bytes of a scalar. */
export function coinKeyFrom(secret: Uint8Array): CoinKey {
  return { secret, public: elementToHex(multiplySecret(generator, requireSecret(secret))) }
}

/**
 * Proof that `owner` (say, the identity's public key) holds the secret: 64 bytes. Without it, somebody could register a key
 * made from another's. Takes 32 random bytes.
 */
export function proveCoinKey(key: CoinKey, owner: Uint8Array, random: Random): Uint8Array {
  return proofCoder.encode(proveLogs(statement(requireKey(key.public), owner), [requireSecret(key.secret)], random(32)))
}

/** Never throws: whatever is not a canonical key with a valid proof for this owner is false. */
export function checkCoinKey(key: CoinPublicKey, owner: Uint8Array, proof: Uint8Array): boolean {
  const element = elementFromHex(key)
  const decoded = decodeOrNull(proofCoder, proof)
  return element !== null && decoded !== null && knowsLogs(statement(element, owner), decoded)
}

function statement(key: EncodedElement, owner: Uint8Array) {
  return { purpose: 'key-proof', binding: owner, elements: [key] } as const
}
