/** SHA-256 by the platform, off this thread, where there is enough to hash. For wire and store; imports @noble/hashes only. */
import { sha256 } from '@noble/hashes/sha2.js'

/** Asking the platform takes as long as hashing about this much here. */
const PLATFORM_FROM_BYTES = 8 * 1024

/** Never rejects. The bytes may change once this has returned. */
export async function sha256Later(bytes: Uint8Array): Promise<Uint8Array> {
  // Outside of secure contexts there is none.
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle
  if (bytes.length < PLATFORM_FROM_BYTES || subtle === undefined) return sha256(bytes)
  // WebCrypto's types exclude shared memory, which nothing here uses.
  return new Uint8Array(await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
}
