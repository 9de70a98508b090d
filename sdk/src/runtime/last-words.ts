/**
 * What a page says while it is being closed, when no write to the store can be waited for: kept synchronously before it
 * is sent, and taken into the store before the identity says anything else. A page whose section runs in a worker, which
 * stores ahead of it, also keeps how much of that it sent.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Hash, PeerId } from '../core/gossip/event.ts'
import { StoreError } from '../store/index.ts'

export interface LastWords {
  /** Sealed events in topological order. False, and then they must not be sent, when they cannot be kept. */
  keep(sectionId: Hash, events: readonly Uint8Array[]): boolean
  /** The name of the last own event that was sent; what else is stored was not. Overwrites what was kept, as `keep` does. */
  keepReach(sectionId: Hash, ownTip: Uint8Array): void
  /** What was kept for this section and not cleared. Throws `StoreError` `damaged`, `newerFormat`: what was said then is not known. */
  load(sectionId: Hash): KeptWords
  clear(): void
}

export interface KeptWords {
  /** Sealed events, the last thing that was sent. */
  readonly events: readonly Uint8Array[]
  /** As `ownTipName` names it in the store; null where it was not told, and where events were. */
  readonly reach: Uint8Array | null
}

export const nothingSaid: KeptWords = { events: [], reach: null }

/** The page's `localStorage`, or what does for it. */
export type SynchronousStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** Most bytes that are kept: as hexadecimal digits of two bytes each they fit a quota of 5 MiB beside what else is there. */
export const LAST_WORDS_BYTES_MAX = 512 * 1024

/** The first format has no reach. */
const version = 2
const noReach = '-'

/** The storage's key for an identity's copy. */
export const lastWordsName = (room: string, peer: PeerId): string => `parsec-web/last-words/${room}/${peer}`

/** One copy per identity. `storage` is called anew each time: platforms refuse it by throwing. */
export function createLastWords(storage: () => SynchronousStorage, room: string, peer: PeerId): LastWords {
  const name = lastWordsName(room, peer)
  function write(sectionId: Hash, reach: string, events: readonly Uint8Array[]): boolean {
    const text = [sectionId, reach, ...events.map((bytes) => bytesToHex(bytes))].join(' ')
    try {
      storage().setItem(name, `${version} ${checksum(text)} ${text}`)
      return true
    } catch {
      return false
    }
  }
  return {
    keep(sectionId, events) {
      if (events.reduce((sum, { length }) => sum + length, 0) > LAST_WORDS_BYTES_MAX) return false
      return write(sectionId, noReach, events)
    },
    keepReach: (sectionId, ownTip) => void write(sectionId, bytesToHex(ownTip), []),
    load(sectionId) {
      const kept = read(storage, name)
      if (kept === null) return nothingSaid
      const [format, sum, ...rest] = kept.split(' ')
      const isWhole = sum === checksum(rest.join(' '))
      if (isWhole && Number(format) > version) {
        throw new StoreError('newerFormat', 'what this tab said last was kept by a newer version')
      }
      if (!isWhole || !(format === '1' || format === String(version))) {
        throw new StoreError('damaged', 'the copy of what this tab said last is damaged')
      }
      const [section, ...words] = rest
      if (section !== sectionId) return nothingSaid
      const reach = format === '1' ? noReach : (words.shift() ?? noReach)
      return {
        events: words.map((word) => hexToBytes(word)),
        reach: reach === noReach ? null : hexToBytes(reach),
      }
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
