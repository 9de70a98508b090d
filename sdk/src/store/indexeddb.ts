/** A store in IndexedDB: what `append` resolved is on disk, whatever happens to the tab, the browser or the power. */
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb'
import { sha256Later } from '../sha256.ts'
import { changeDurably, type DatabaseFormat, deleteDatabase, nameOf, openDatabase, storeError } from './database.ts'
import {
  checkValueSize,
  type DamagedRecord,
  type LoadedEvents,
  ownTipName,
  type Store,
  type StoredEvent,
  StoreError,
} from './port.ts'

/** The checksum is SHA-256 over id or name, a zero byte, and the bytes. */
interface EventRecord extends StoredEvent {
  readonly checksum: Uint8Array
}

interface ValueRecord {
  readonly value: Uint8Array
  readonly checksum: Uint8Array
}

type Values = Readonly<Record<string, Uint8Array>>
type Written = readonly (readonly [name: string, record: ValueRecord])[]

interface Schema extends DBSchema {
  /** Keyed by position: ascending in the order of appending. */
  events: { key: number; value: EventRecord; indexes: { id: string } }
  values: { key: string; value: ValueRecord }
}

const format: DatabaseFormat<Schema> = {
  migrations: [
    (database) => {
      database.createObjectStore('events', { autoIncrement: true }).createIndex('id', 'id', { unique: true })
      database.createObjectStore('values')
    },
    // From here on every own event is named when it is appended; that its name is missing is damage, but not in what is old.
    async (_, transaction) => {
      const events = await transaction.objectStore('events').count()
      // So few bytes are hashed here, so that the transaction does not end meanwhile.
      const record = await valueRecord(ownTipName, new Uint8Array())
      if (events > 0) await transaction.objectStore('values').put(record, ownTipName)
    },
  ],
}

/** Records read at once when loading, so that a long history does not exist twice in memory. */
const loadBatch = 500

/** Rejects with `StoreError`: `blocked`, `newerFormat`, `denied` or `failed`. */
export async function openIndexedDbStore(name: string): Promise<Store> {
  return createStore(name, await openDatabase(name, format))
}

interface Size {
  readonly events: number
  readonly bytes: number
}

function createStore(name: string, database: IDBPDatabase<Schema>): Store {
  let closed = false
  let size: Size | null = null
  let lastAppend: Promise<void> = Promise.resolve()
  const underWay = new Set<Promise<unknown>>()

  /** Counts the operation in, so that `close` can wait for it, and gives every failure its type. */
  async function run<T>(operation: () => Promise<T>): Promise<T> {
    if (closed) throw new StoreError('closed', `"${name}" is closed`)
    const running = operation()
    underWay.add(running)
    try {
      return await running
    } catch (error) {
      throw storeError(error)
    } finally {
      underWay.delete(running)
    }
  }

  /** After the appends before it, so that the order of the calls is the order of the events even while ids move. */
  function appendInTurn(events: readonly StoredEvent[], values: Values): Promise<void> {
    const turn = lastAppend.then(() => append(events, values))
    lastAppend = turn.catch(() => {})
    return turn
  }

  async function append(events: readonly StoredEvent[], values: Values): Promise<void> {
    const [records, written] = await Promise.all([
      Promise.all(events.map(eventRecord)),
      Promise.all(Object.entries(values).map(async ([key, value]) => [key, await valueRecord(key, value)] as const)),
    ])
    const knownSize = size
    size = null
    if (await addAll(database, records, written)) {
      size = knownSize && grown(knownSize, records)
    } else {
      await moveToEnd(database, records, written)
    }
  }

  async function close(): Promise<void> {
    closed = true
    await Promise.allSettled(underWay)
    database.close()
  }

  return {
    persistent: true,
    append: (events, values = {}) =>
      run(async () => {
        for (const [key, value] of Object.entries(values)) checkValueSize(key, value)
        if (events.length > 0 || Object.keys(values).length > 0) await appendInTurn(events, values)
      }),
    load: () => run(() => loadAll(database)),
    read: (ids) => run(() => readEvents(database, ids)),
    readValue: (key) => run(() => readValue(database, key)),
    writeValue: (key, value) => run(() => writeValue(database, key, value)),
    size: () =>
      run(async () => {
        size ??= await measure(database)
        return size
      }),
    close,
    async delete() {
      await close()
      await deleteDatabase(name)
    },
  }
}

function checksum(id: string, bytes: Uint8Array): Promise<Uint8Array> {
  return sha256Later(concatBytes(utf8ToBytes(id), Uint8Array.of(0), bytes))
}

async function eventRecord({ id, bytes }: StoredEvent): Promise<EventRecord> {
  return { id, bytes: compact(bytes), checksum: await checksum(id, bytes) }
}

// A structured clone of a view takes the whole buffer behind it along.
function compact(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()
}

function grown({ events, bytes }: Size, records: readonly EventRecord[]): Size {
  return { events: events + records.length, bytes: records.reduce((sum, record) => sum + record.bytes.length, bytes) }
}

/** False, with nothing stored, when one of the ids is there already: only after damage, so that looking first is not worth it. */
async function addAll(
  database: IDBPDatabase<Schema>,
  records: readonly EventRecord[],
  values: Written,
): Promise<boolean> {
  try {
    await changeAll(database, values, (events) => Promise.all(records.map(async (record) => await events.add(record))))
    return true
  } catch (error) {
    if (nameOf(error) === 'ConstraintError') return false
    throw error
  }
}

async function moveToEnd(
  database: IDBPDatabase<Schema>,
  records: readonly EventRecord[],
  values: Written,
): Promise<void> {
  await changeAll(database, values, async (events) => {
    for (const record of records) {
      const position = await events.index('id').getKey(record.id)
      if (position !== undefined) await events.delete(position)
      await events.add(record)
    }
  })
}

type ReadWrite = IDBPTransaction<Schema, ('events' | 'values')[], 'readwrite'>

/** Events and values in one transaction; without values, one that leaves these alone. */
async function changeAll(
  database: IDBPDatabase<Schema>,
  values: Written,
  changeEvents: (store: ReturnType<typeof eventsOf>) => Promise<unknown>,
): Promise<void> {
  const names = values.length === 0 ? (['events'] as const) : (['events', 'values'] as const)
  await changeDurably<Schema, 'events' | 'values'>(database, names, async (transaction) => {
    const puts = values.map(([name, record]) => transaction.objectStore('values').put(record, name))
    await Promise.all([changeEvents(eventsOf(transaction)), ...puts])
  })
}

function eventsOf(transaction: ReadWrite) {
  return transaction.objectStore('events')
}

async function loadAll(database: IDBPDatabase<Schema>): Promise<LoadedEvents> {
  const events: StoredEvent[] = []
  const damaged: DamagedRecord[] = []
  for await (const record of recordsOf(database)) {
    const intact = await intactRecord(record)
    if (intact) events.push({ id: intact.id, bytes: intact.bytes })
    else damaged.push({ id: idOf(record) })
  }
  return { events, damaged }
}

async function measure(database: IDBPDatabase<Schema>): Promise<Size> {
  let bytes = 0
  let events = 0
  for await (const record of recordsOf(database)) {
    events += 1
    bytes += (await intactRecord(record))?.bytes.length ?? 0
  }
  return { events, bytes }
}

/** By position, a batch at a time, each read to its end: a connection closes only when its transactions are done. What is on disk is not believed to have its type. */
async function* recordsOf(database: IDBPDatabase<Schema>): AsyncGenerator<unknown> {
  for (let after = -1; ; ) {
    const transaction = database.transaction('events')
    const range = IDBKeyRange.lowerBound(after, true)
    const [keys, records] = await Promise.all([
      transaction.store.getAllKeys(range, loadBatch),
      transaction.store.getAll(range, loadBatch),
      transaction.done,
    ])
    yield* records
    const last = keys.at(-1)
    if (last === undefined || keys.length < loadBatch) return
    after = last
  }
}

async function readEvents(
  database: IDBPDatabase<Schema>,
  ids: readonly string[],
): Promise<readonly (Uint8Array | null)[]> {
  const transaction = database.transaction('events')
  const byId = transaction.store.index('id')
  const [records] = await Promise.all([Promise.all(ids.map((id) => byId.get(id))), transaction.done])
  const intact = await Promise.all(records.map(intactRecord))
  return intact.map((record, i) => (record?.id === ids[i] ? (record?.bytes ?? null) : null))
}

function idOf(record: unknown): string | null {
  return typeof record === 'object' && record !== null && 'id' in record && typeof record.id === 'string'
    ? record.id
    : null
}

async function intactRecord(record: unknown): Promise<EventRecord | null> {
  const id = idOf(record)
  if (id === null) return null
  const { bytes, checksum: kept } = record as Partial<Record<keyof EventRecord, unknown>>
  if (!(bytes instanceof Uint8Array && kept instanceof Uint8Array)) return null
  return equal(kept, await checksum(id, bytes)) ? { id, bytes, checksum: kept } : null
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}

async function readValue(database: IDBPDatabase<Schema>, name: string): Promise<Uint8Array | null> {
  const transaction = database.transaction('values')
  const reading: Promise<Partial<Record<keyof ValueRecord, unknown>> | undefined> = transaction.store.get(name)
  const [record] = await Promise.all([reading, transaction.done])
  if (record === undefined) return null
  const { value, checksum: kept } = record
  if (value instanceof Uint8Array && kept instanceof Uint8Array) {
    if (equal(kept, await checksum(name, value))) return value
  }
  throw new StoreError('damaged', `value "${name}" is damaged`, { id: name })
}

async function writeValue(database: IDBPDatabase<Schema>, name: string, value: Uint8Array): Promise<void> {
  checkValueSize(name, value)
  const record = await valueRecord(name, value)
  await changeDurably(database, ['values'], (transaction) => transaction.objectStore('values').put(record, name))
}

async function valueRecord(name: string, value: Uint8Array): Promise<ValueRecord> {
  return { value: compact(value), checksum: await checksum(name, value) }
}
