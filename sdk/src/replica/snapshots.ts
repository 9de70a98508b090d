/** Snapshots in IndexedDB, shared by the tabs of one origin. A lost one costs the time of applying every block again. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { SnapshotStore } from './types.ts'

interface Schema extends DBSchema {
  snapshots: { key: string; value: unknown }
}

/** `name` is the database's. */
export function indexedDbSnapshots(name = 'parsec-web-replica'): SnapshotStore {
  let opened: Promise<IDBPDatabase<Schema>> | null = null
  const open = () => {
    opened ??= openDB<Schema>(name, 1, {
      upgrade: (database) => void database.createObjectStore('snapshots'),
      blocking: (_current, _blocked, event) => {
        ;(event.target as IDBDatabase).close()
        opened = null
      },
      terminated: () => {
        opened = null
      },
    })
    return opened
  }
  return {
    load: async (key) => await (await open()).get('snapshots', key),
    save: async (key, snapshot) => void (await (await open()).put('snapshots', snapshot, key)),
  }
}
