/** Where a vault keeps the identities of one room: port, and IndexedDB. */
import type { DBSchema, IDBPDatabase, IDBPObjectStore } from 'idb'
import { changeDurably, type DatabaseFormat, openDatabase, storeError } from './database.ts'

export interface IdentityRecord {
  readonly key: unknown
  readonly touchedAtMs: number
}

/** Every method rejects with `StoreError` only; changes are on disk when they resolve. */
export interface IdentityRecords {
  /** What is kept, by public key. What is on disk is not believed to have its type: records are the caller's to check. */
  all(): Promise<readonly { readonly peer: string; readonly record: unknown }[]>
  /** Undefined where nothing is kept. */
  read(peer: string): Promise<unknown>
  put(peer: string, record: IdentityRecord): Promise<void>
  delete(peer: string): Promise<void>
}

interface Schema extends DBSchema {
  identities: { key: string; value: IdentityRecord }
}

const format: DatabaseFormat<Schema> = {
  migrations: [
    (database) => void database.createObjectStore('identities'),
    // Keys lie in the forms of `KeyForm`. Older ones are kept anew when they are claimed: no upgrade can wait for that.
    () => {},
  ],
}

type Open = IDBPDatabase<Schema>
type IdentityStore = IDBPObjectStore<Schema, 'identities'[], 'identities', 'readwrite'>

/** Opens nothing before the first call, and keeps nothing open between calls. */
export function indexedDbIdentityRecords(room: string): IdentityRecords {
  const withRecords = <T>(use: (open: Open) => Promise<T>) => withDatabase(`parsec-web/identities/${room}`, use)
  const change = (how: (store: IdentityStore) => Promise<unknown>) =>
    withRecords((open) =>
      changeDurably(open, ['identities'], (transaction) => how(transaction.objectStore('identities'))),
    )
  return {
    all: () => withRecords(readAll),
    read: (peer) => withRecords((open) => open.get('identities', peer)),
    put: (peer, record) => change((store) => store.put(record, peer)),
    delete: (peer) => change((store) => store.delete(peer)),
  }
}

async function withDatabase<T>(name: string, use: (open: Open) => Promise<T>): Promise<T> {
  const open = await openDatabase(name, format)
  try {
    return await use(open)
  } catch (error) {
    throw storeError(error)
  } finally {
    open.close()
  }
}

async function readAll(open: Open): Promise<readonly { readonly peer: string; readonly record: unknown }[]> {
  const transaction = open.transaction('identities')
  const [peers, records] = await Promise.all([transaction.store.getAllKeys(), transaction.store.getAll()])
  return peers.map((peer, index) => ({ peer, record: records[index] }))
}
