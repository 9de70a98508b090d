/**
 * Identities of one room, kept in IndexedDB. An identity belongs to one running tab at a time: who holds its lock. A second
 * tab, a duplicated tab and a restored window take another one; a reopened tab takes up a free one and its history.
 */
import type { DBSchema, IDBPDatabase, IDBPObjectStore } from 'idb'
import { changeDurably, type DatabaseFormat, openDatabase, storeError } from './database.ts'
import { type Locks, webLocks } from './locks.ts'
import type { StoreErrorCode } from './port.ts'

/** What is kept of an identity: structured-cloneable, named by its public key. */
export interface VaultKey {
  readonly peer: string
}

export interface VaultOptions<Key extends VaultKey> {
  create(): Promise<Key>
  /** Whether what is on disk is such a key: what is not is never claimed. */
  isKey(value: unknown): value is Key
  /** Default: the platform's Web Locks. Null: there are none. */
  readonly locks?: Locks | null
  /** Milliseconds since 1970; default the platform's clock. Only orders preferences. */
  now?(): number
}

export interface ClaimedIdentity<Key> {
  readonly key: Key
  /** False for an identity that had to be made for this process only; `reason` says why. */
  readonly persistent: boolean
  readonly reason: StoreErrorCode | 'noLocks' | null
  /** Made by this claim: it has no history yet. */
  readonly isNew: boolean
  /** Makes it the identity with the most recent history: the first that a later claim takes. */
  touch(): Promise<void>
  /** Lets another tab take it up. Closing the tab does, too. */
  release(): Promise<void>
  /** Forgets it for good, as when its history is lost: used again, it would contradict what it said. */
  discard(): Promise<void>
}

export interface IdentityVault<Key> {
  /** Never rejects for reasons of storage: then the identity is not persistent. */
  /** `fresh`: a new identity, whatever is free. */
  claim(options?: { readonly fresh?: boolean }): Promise<ClaimedIdentity<Key>>
}

interface IdentityRecord {
  readonly key: unknown
  readonly touchedAtMs: number
}

interface Schema extends DBSchema {
  identities: { key: string; value: IdentityRecord }
}

const format: DatabaseFormat<Schema> = {
  migrations: [(database) => void database.createObjectStore('identities')],
}

type Open = IDBPDatabase<Schema>
type IdentityStore = IDBPObjectStore<Schema, ['identities'], 'identities', 'readwrite'>

/** Opens nothing before the first claim, and keeps nothing open between calls. */
export function openIdentityVault<Key extends VaultKey>(room: string, options: VaultOptions<Key>): IdentityVault<Key> {
  const { create, isKey, locks = webLocks(), now = Date.now } = options
  const database = `parsec-web/identities/${room}`
  const lockName = (peer: string) => `parsec-web/identity/${room}/${peer}`
  const withVault = <T>(use: (open: Open) => Promise<T>) => withDatabase(database, use)
  const change = (how: (store: IdentityStore) => Promise<unknown>) =>
    withVault((open) => changeDurably(open, 'identities', how))

  async function claim({ fresh = false } = {}): Promise<ClaimedIdentity<Key>> {
    if (locks === null) return await temporary(create, 'noLocks')
    try {
      return (fresh ? null : await claimFree(locks)) ?? (await claimNew(locks))
    } catch (error) {
      return await temporary(create, storeError(error).code)
    }
  }

  async function claimFree(held: Locks): Promise<ClaimedIdentity<Key> | null> {
    const known = await withVault(readIdentities)
    const latestFirst = known.toSorted((one, other) => other.record.touchedAtMs - one.record.touchedAtMs)
    for (const { peer, record } of latestFirst) {
      if (!isKey(record.key) || record.key.peer !== peer) continue
      const letGo = await held.tryAcquire(lockName(peer))
      const identity = letGo && (await hold(record.key, false, letGo))
      if (identity !== null) return identity
    }
    return null
  }

  async function claimNew(held: Locks): Promise<ClaimedIdentity<Key>> {
    const key = await create()
    // Before it can be found, so that no other tab takes it first.
    const letGo = await held.tryAcquire(lockName(key.peer))
    if (letGo === null) throw new Error('a fresh key is already in use')
    const identity = await hold(key, true, letGo)
    if (identity === null) throw new Error('a fresh identity is always there')
    return identity
  }

  /** Null when the tab that held the identity until now has discarded it since we looked. */
  async function hold(key: Key, isNew: boolean, letGo: () => Promise<void>): Promise<ClaimedIdentity<Key> | null> {
    let held = true
    const touch = async () => {
      if (held) await change((store) => store.put({ key, touchedAtMs: now() }, key.peer))
    }
    const release = async () => {
      held = false
      await letGo()
    }
    try {
      if (!isNew && (await withVault((open) => open.get('identities', key.peer))) === undefined) {
        await release()
        return null
      }
      await touch()
    } catch (error) {
      await release()
      throw error
    }
    return {
      key,
      persistent: true,
      reason: null,
      isNew,
      touch,
      release,
      async discard() {
        if (held) await change((store) => store.delete(key.peer))
        await release()
      },
    }
  }

  return { claim }
}

async function temporary<Key>(
  create: () => Promise<Key>,
  reason: StoreErrorCode | 'noLocks',
): Promise<ClaimedIdentity<Key>> {
  const nothing = async () => {}
  const key = await create()
  return { key, persistent: false, reason, isNew: true, touch: nothing, release: nothing, discard: nothing }
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

async function readIdentities(
  open: Open,
): Promise<readonly { readonly peer: string; readonly record: IdentityRecord }[]> {
  const transaction = open.transaction('identities')
  const [peers, records] = await Promise.all([transaction.store.getAllKeys(), transaction.store.getAll()])
  return peers.flatMap((peer, index) => {
    const record = records[index]
    return record !== undefined && typeof record.touchedAtMs === 'number' ? [{ peer, record }] : []
  })
}
