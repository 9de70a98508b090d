/** SHA-256 with a domain tag, so that bytes hashed for one purpose never mean anything for another. */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Hash } from '../core/gossip/event.ts'

export type Digest = (...parts: readonly Uint8Array[]) => Hash

/**
 * SHA-256 over `parsec-web/<purpose>/1`, a zero byte, and the parts. The zero byte ends the tag, so that no tag is a
 * prefix of another.
 */
export function createDigest(purpose: string): Digest {
  const tag = utf8ToBytes(`parsec-web/${purpose}/1\0`)
  return (...parts) => {
    const state = sha256.create().update(tag)
    for (const part of parts) state.update(part)
    return bytesToHex(state.digest())
  }
}
