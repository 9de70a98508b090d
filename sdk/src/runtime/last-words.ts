/**
 * A copy of what a page says while it is being closed, when no write to the store can be waited for: kept synchronously
 * before it is sent, and taken into the store before the identity says anything else.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Hash, PeerId } from '../core/gossip/event.ts'
import { StoreError } from '../store/index.ts'

export interface LastWords {
  /** Sealed events in topological order. False, and then they must not be sent, when they cannot be kept. */
  keep(sectionId: Hash, events: readonly Uint8Array[]): boolean
  /** What was kept for this section and not cleared. Throws `StoreError` `damaged`: what was said then is not known. */
  load(sectionId: Hash): readonly Uint8Array[]
  clear(): void
}

/** The page's `localStorage`, or what does for it. */
export type SynchronousStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** Most bytes that are kept: as hexadecimal digits of two bytes each they fit a quota of 5 MiB beside what else is there. */
export const LAST_WORDS_BYTES_MAX = 512 * 1024

const version = 1

/** The storage's key for an identity's copy. */
export const lastWordsName = (room: string, peer: PeerId): string => `parsec-web/last-words/${room}/${peer}`

/** One copy per identity. `storage` is called anew each time: platforms refuse it by throwing. */
export function createLastWords(storage: () => SynchronousStorage, room: string, peer: PeerId): LastWords {
  const name = lastWordsName(room, peer)
  return {
    keep(sectionId, events) {
      if (events.reduce((sum, { length }) => sum + length, 0) > LAST_WORDS_BYTES_MAX) return false
      const text = [sectionId, ...events.map((bytes) => bytesToHex(bytes))].join(' ')
      try {
        storage().setItem(name, `${version} ${checksum(text)} ${text}`)
        return true
      } catch {
        return false
      }
    },
    load(sectionId) {
      const kept = read(storage, name)
      if (kept === null) return []
      const [format, sum, ...words] = kept.split(' ')
      const text = words.join(' ')
      if (format !== String(version) || sum !== checksum(text)) {
        throw new StoreError('damaged', 'the copy of what this tab said last is damaged')
      }
      return words[0] === sectionId ? words.slice(1).map((word) => hexToBytes(word)) : []
    },
    clear() {
      try {
        storage().removeItem(name)
      } catch {
        // What could not be written either.
      }
    },
  }
}

/** Null where nothing was kept, and where nothing can be. */
function read(storage: () => SynchronousStorage, name: string): string | null {
  try {
    return storage().getItem(name)
  } catch {
    return null
  }
}

function checksum(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)))
}
