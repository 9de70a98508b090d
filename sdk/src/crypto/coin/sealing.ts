/**
 * Shares sealed to their receivers: hashed ElGamal (an ephemeral Diffie-Hellman key per deal, HKDF, RFC 5869) with
 * ChaCha20-Poly1305 (RFC 8439).
 */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { uint32 } from './hashing.ts'

export interface SealContext {
  /** Hash of the terms, the dealer, the commitments and the ephemeral key. */
  readonly head: Uint8Array
  readonly receiver: number
}

export function seal(sharedKey: Uint8Array, context: SealContext, share: Uint8Array): Uint8Array {
  return cipher(sharedKey, context).encrypt(share)
}

/** Null if the bytes were not sealed under this key and context. */
export function unseal(sharedKey: Uint8Array, context: SealContext, sealed: Uint8Array): Uint8Array | null {
  try {
    return cipher(sharedKey, context).decrypt(sealed)
  } catch {
    return null
  }
}

const purpose = utf8ToBytes('parsec-web/coin/seal/1\0')

/**
 * Key and nonce come from the shared key and the head, which holds the commitments and thereby the share: equal keys never
 * meet different plaintexts, even if the random source repeats itself.
 */
function cipher(sharedKey: Uint8Array, { head, receiver }: SealContext) {
  const place = concatBytes(purpose, head, uint32(receiver))
  const okm = hkdf(sha256, sharedKey, head, place, 44)
  return chacha20poly1305(okm.subarray(0, 32), okm.subarray(32), place)
}
