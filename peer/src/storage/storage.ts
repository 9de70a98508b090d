/** What a headless peer keeps, in one LevelDB database: identities by room, events and values by identity. */
import { createMemoryLocks, type PlatformStorage } from 'parsec-web/platform'
import { openDatabase, roomKey } from './database.ts'
import { levelIdentityRecords } from './identities.ts'
import { openLevelStore } from './store.ts'

/**
 * One process at a time uses a directory; it is made where it is missing. Rejects with `StoreError`: `blocked` while
 * another process uses it, `newerFormat`, `denied`, `damaged`, `quota` or `failed`.
 */
export async function openLevelStorage(directory: string): Promise<PlatformStorage> {
  const database = await openDatabase(directory)
  return {
    identities: (room) => levelIdentityRecords(database, `identity/${roomKey(room)}/`),
    // LevelDB's own lock keeps other processes out.
    locks: createMemoryLocks(),
    openStore: async (room, peer) => openLevelStore(database, `store/${roomKey(room)}/${peer}/`),
    close: () => database.close(),
  }
}
