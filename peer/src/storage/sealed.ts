/** Bytes with the checksum of what they are and of where they belong, so that damage of either is found. */
import { createHash } from 'node:crypto'

const checksumBytes = 32

/** SHA-256 over the name, a zero byte and the bytes; then the bytes. */
export function seal(name: string, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([checksum(name, bytes), bytes])
}

/** A copy of the bytes, or null where they are not what was sealed under this name. */
export function unseal(name: string, sealed: Uint8Array): Uint8Array | null {
  // What LevelDB hands out is a Buffer, whose `slice` does not copy.
  const bytes = new Uint8Array(sealed.subarray(checksumBytes))
  return checksum(name, bytes).equals(sealed.subarray(0, checksumBytes)) ? bytes : null
}

function checksum(name: string, bytes: Uint8Array): Buffer {
  return createHash('sha256').update(name).update(Uint8Array.of(0)).update(bytes).digest()
}
