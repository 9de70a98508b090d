/** SHA-256 with a domain tag, so that bytes hashed for one purpose never mean anything for another. */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Hash } from '../core/gossip/event.ts'
import { sha256Later } from '../sha256.ts'

export interface Digest {
  (...parts: readonly Uint8Array[]): Hash
  /** The same, off this thread where there is much to hash. */
  later(...parts: readonly Uint8Array[]): Promise<Hash>
}

/**
 * SHA-256 over `parsec-web/<purpose>/1`, a zero byte, and the parts. The zero byte ends the tag, so that no tag is a
 * prefix of another.
 */
export function createDigest(purpose: string): Digest {
  const tag = utf8ToBytes(`parsec-web/${purpose}/1\0`)
  function now(...parts: readonly Uint8Array[]): Hash {
    const state = sha256.create().update(tag)
    for (const part of parts) state.update(part)
    return bytesToHex(state.digest())
  }
  return Object.assign(now, {
    later: async (...parts: readonly Uint8Array[]) => bytesToHex(await sha256Later(concatBytes(tag, ...parts))),
  })
}
