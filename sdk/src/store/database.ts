/** Opens and deletes IndexedDB databases, with every way to fail as a `StoreError`. */
import { type DBSchema, deleteDB, type IDBPDatabase, type IDBPTransaction, openDB, type StoreNames } from 'idb'
import { StoreError, type StoreErrorCode } from './port.ts'

/** May wait for requests of its transaction and for nothing else, or it ends half done. */
export type Migration<Schema extends DBSchema> = (
  database: IDBPDatabase<Schema>,
  transaction: IDBPTransaction<Schema, StoreNames<Schema>[], 'versionchange'>,
) => void | Promise<void>

export interface DatabaseFormat<Schema extends DBSchema> {
  /** Step i takes format i to i + 1; their number is the current format. Never change one that was published. */
  readonly migrations: readonly Migration<Schema>[]
}

/**
 * Rejects with `blocked`, `newerFormat`, `denied` or `failed`. The connection closes itself when another tab upgrades or
 * deletes the database.
 */
export async function openDatabase<Schema extends DBSchema>(
  name: string,
  { migrations }: DatabaseFormat<Schema>,
): Promise<IDBPDatabase<Schema>> {
  if (globalThis.indexedDB === undefined) throw new StoreError('denied', 'this platform has no IndexedDB')
  return await new Promise((resolve, reject) => {
    let blocked = false
    const opening = async () =>
      await openDB<Schema>(name, migrations.length, {
        upgrade(database, oldFormat, _newFormat, transaction) {
          const migrateAll = async () => {
            for (const migrate of migrations.slice(oldFormat)) await migrate(database, transaction)
          }
          // Half a migration must not stay: without it the old format is as it was.
          transaction.done.catch(() => {})
          migrateAll().catch((error: unknown) => {
            reject(storeError(error))
            transaction.abort()
          })
        },
        blocked() {
          blocked = true
          reject(new StoreError('blocked', `another tab holds an older format of "${name}" open`))
        },
        blocking(_current, _wanted, event) {
          ;(event.target as IDBDatabase).close()
        },
      })
    opening().then(
      // The other tab may let go later; by then nobody waits for this connection.
      (database) => (blocked ? database.close() : resolve(database)),
      (error: unknown) => reject(openError(name, error)),
    )
  })
}

/**
 * All of the changes or none, on disk when it resolves: the specification's default durability, `relaxed`, ends at the
 * operating system and is lost with the power.
 */
export async function changeDurably<Schema extends DBSchema, Name extends StoreNames<Schema>>(
  database: IDBPDatabase<Schema>,
  names: readonly Name[],
  change: (transaction: IDBPTransaction<Schema, Name[], 'readwrite'>) => Promise<unknown>,
): Promise<void> {
  const transaction = database.transaction([...names], 'readwrite', { durability: 'strict' })
  const aborted = transaction.done.then(
    () => null,
    (error: unknown) => error,
  )
  try {
    await change(transaction)
  } catch (error) {
    // A request that failed has aborted the transaction, but an exception of ours has not.
    try {
      transaction.abort()
    } catch {
      // Aborted already.
    }
    const reason = await aborted
    throw nameOf(error) === 'AbortError' && reason !== null ? reason : error
  }
  await transaction.done
}

/** Rejects with `blocked` while another tab does not let go; the deletion happens when it does. */
export async function deleteDatabase(name: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const deleting = async () =>
      await deleteDB(name, {
        blocked: () => reject(new StoreError('blocked', `another tab holds "${name}" open`)),
      })
    deleting().then(resolve, (error: unknown) => reject(storeError(error)))
  })
}

function openError(name: string, error: unknown): StoreError {
  const cause = nameOf(error)
  if (cause === 'VersionError') {
    return new StoreError('newerFormat', `"${name}" was written by a newer version of this library`, { cause: error })
  }
  // What private windows, blocked site data and opaque origins answer.
  if (cause === 'SecurityError' || cause === 'InvalidStateError' || cause === 'NotAllowedError') {
    return new StoreError('denied', `the platform denies access to "${name}"`, { cause: error })
  }
  return storeError(error)
}

const codes: ReadonlyMap<string, StoreErrorCode> = new Map([
  ['QuotaExceededError', 'quota'],
  ['InvalidStateError', 'closed'],
  ['SecurityError', 'denied'],
  ['NotAllowedError', 'denied'],
])

/** What an operation on an open database failed with. */
export function storeError(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const code = codes.get(nameOf(error)) ?? 'failed'
  const message = error instanceof Error || error instanceof DOMException ? error.message : String(error)
  return new StoreError(code, message, { cause: error })
}

export function nameOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : ''
}
