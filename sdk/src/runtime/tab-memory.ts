/**
 * Which identity a tab used last in a room. The page's `sessionStorage` keeps it for as long as the tab is there, through
 * reloads; a duplicated tab starts with a copy. A wish, not a claim: whose the identity is, its lock decides.
 */
import type { PeerId } from '../core/gossip/event.ts'
import type { SynchronousStorage } from './last-words.ts'

export interface TabMemory {
  /** What lies there is not believed to be any identity's. Null where nothing is kept, and where nothing can be. */
  recall(): PeerId | null
  keep(peer: PeerId): void
}

/** `storage` is called anew each time: platforms refuse it by throwing. */
export function createTabMemory(
  storage: () => Pick<SynchronousStorage, 'getItem' | 'setItem'>,
  room: string,
): TabMemory {
  const name = `parsec-web/tab/${room}`
  return {
    recall() {
      try {
        return storage().getItem(name)
      } catch {
        return null
      }
    },
    keep(peer) {
      try {
        storage().setItem(name, peer)
      } catch {
        // Then the next start takes up any free identity.
      }
    },
  }
}
