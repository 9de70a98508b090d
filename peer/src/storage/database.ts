/** One LevelDB database in one directory, for one process at a time, with every way to fail as a `StoreError`. */
import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { ClassicLevel } from 'classic-level'
import { StoreError, type StoreErrorCode } from 'parsec-web/platform'

export type Database = ClassicLevel<string, Uint8Array>
/** One of the changes that `change` makes together. */
export type Change =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: string }

/** Never change what a published format means: raise it, and read the older ones. */
const format = '1'
const formatKey = 'format'

/**
 * Makes the directory where it is missing, readable by its owner only: the identity's secret lies in it. Rejects with
 * `blocked` while another process has it open, `newerFormat`, `denied`, `damaged`, `quota` or `failed`.
 */
export async function openDatabase(directory: string): Promise<Database> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const database: Database = new ClassicLevel(directory, { keyEncoding: 'utf8', valueEncoding: 'view' })
    await database.open()
    await checkFormat(directory, database)
    return database
  } catch (error) {
    const failure = databaseError(error)
    if (failure.code !== 'blocked') throw failure
    throw new StoreError('blocked', `another process is using the database in ${directory}`, { cause: error })
  }
}

async function checkFormat(directory: string, database: Database): Promise<void> {
  const kept = await database.get(formatKey)
  if (kept === undefined) return change(database, [{ type: 'put', key: formatKey, value: Buffer.from(format) }])
  if (Buffer.from(kept).toString() === format) return
  await database.close()
  throw new StoreError('newerFormat', `${directory} was written by a newer version of this program`)
}

/** All of the changes or none, on disk (`fsync`) when it resolves. */
export async function change(database: Database, changes: Change[]): Promise<void> {
  await database.batch(changes, { sync: true })
}

/** Every key that starts with `prefix`, which ends with a slash. */
export function below(prefix: string): { readonly gte: string; readonly lt: string } {
  // '0' is the character after '/'.
  return { gte: prefix, lt: `${prefix.slice(0, -1)}0` }
}

/** Rooms have names of any characters. */
export function roomKey(room: string): string {
  return createHash('sha256').update(room).digest('hex')
}

const levelCodes: ReadonlyMap<string, StoreErrorCode> = new Map([
  ['LEVEL_LOCKED', 'blocked'],
  ['LEVEL_CORRUPTION', 'damaged'],
  ['LEVEL_DATABASE_NOT_OPEN', 'closed'],
  ['EACCES', 'denied'],
  ['EPERM', 'denied'],
  ['EROFS', 'denied'],
  ['ENOTDIR', 'denied'],
  ['EEXIST', 'denied'],
  ['ENOSPC', 'quota'],
  ['EDQUOT', 'quota'],
])

/** LevelDB says in words what the operating system answered. */
const spoken: readonly (readonly [RegExp, StoreErrorCode])[] = [
  [/no space left|quota exceeded/i, 'quota'],
  [/permission denied|read-only file system/i, 'denied'],
]

export function databaseError(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  // The reason why a database is not open stands in the cause.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const { code = '', message = String(cause) } = cause as { code?: string; message?: string }
  const known = spoken.find(([words]) => words.test(message))?.[1] ?? levelCodes.get(code) ?? 'failed'
  return new StoreError(known, message, { cause: error })
}
