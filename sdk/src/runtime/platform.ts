/** What a section stands on: in a browser all of it is there, elsewhere a program lends it. */
import type { PeerId } from '../core/gossip/event.ts'
import { createMemoryStore, type IdentityRecords, type Locks, openIndexedDbStore, type Store } from '../store/index.ts'
import type { WebSocketConstructor } from '../transport/signaling/server-path.ts'
import type { WebRtcImplementation } from '../transport/webrtc/connection.ts'

export interface Platform {
  /** Default: IndexedDB and Web Locks. */
  readonly storage?: PlatformStorage
  /** Default: the host's own. */
  readonly WebSocket?: WebSocketConstructor
  /** Default: the host's own. */
  readonly wrtc?: WebRtcImplementation
}

/** Who lends storage wants it used: where an identity cannot be kept in it, joining fails. */
export interface PlatformStorage {
  /** Of one room. */
  identities(room: string): IdentityRecords
  /** Among all who use this storage, other processes included. */
  readonly locks: Locks
  /** Events and values of one identity; called anew after the store's `delete`. */
  openStore(room: string, peer: PeerId): Promise<Store>
  /** Called once, when nothing uses the storage any more. */
  close(): Promise<void>
}

/** The store of an identity; `lasting` is whether the identity is kept. */
export async function openPlatformStore(
  storage: PlatformStorage | undefined,
  { room, peer, lasting }: { readonly room: string; readonly peer: PeerId; readonly lasting: boolean },
): Promise<Store> {
  if (!lasting) return createMemoryStore()
  if (storage) return await storage.openStore(room, peer)
  // Asked for and not waited for: some browsers never answer.
  void navigator.storage?.persist?.().catch(() => false)
  return await openIndexedDbStore(`parsec-web/section/${room}/${peer}`)
}
