/** Client ids that belong to a key. May import only packages and the public API. */
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Hash, PeerId } from '../index.ts'

export const nonceBytes = 8

/** Which document of which section. */
export interface DocumentId {
  readonly section: Hash
  readonly name: string
}

/**
 * The Yjs client id under which `author` may write: 52 bits of a hash over its key and a nonce of its choice, so that
 * nobody can take an id that is already seen in live edits. Yjs draws ids of 32 bits; here each is above those, hence
 * never that of an edit made without a provider.
 */
export function clientIdOf({ section, name }: DocumentId, author: PeerId, nonce: Uint8Array): number {
  const text = `parsec-web/yjs client\n${section}\n${author}\n${name}\n`
  const view = new DataView(sha256(concatBytes(utf8ToBytes(text), nonce)).buffer)
  const high = (view.getUint32(0) >>> 11) | 1
  return high * 2 ** 32 + view.getUint32(4)
}
