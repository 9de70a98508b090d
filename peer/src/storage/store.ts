/** A store in a part of a database: what `append` resolved is on disk, whatever happens to the process or the power. */
import {
  checkValueSize,
  type DamagedRecord,
  type LoadedEvents,
  type Store,
  type StoredEvent,
  StoreError,
} from 'parsec-web/platform'
import { below, type Change, change, type Database, databaseError } from './database.ts'
import { seal, unseal } from './sealed.ts'

/**
 * Below the store's prefix: `event/<position>` holds an event's id, a zero byte and its bytes, sealed under the position;
 * `place/<id>` holds the position of that id; `value/<name>` a value, sealed under its name. Positions ascend in the order
 * of appending, as 16 hexadecimal digits.
 */
interface Places {
  readonly events: string
  readonly places: string
  readonly values: string
}

type Values = Readonly<Record<string, Uint8Array>>

interface Size {
  readonly events: number
  readonly bytes: number
}

/** `prefix` ends with a slash. Closing the store leaves the database open. */
export function openLevelStore(database: Database, prefix: string): Store {
  const at: Places = { events: `${prefix}event/`, places: `${prefix}place/`, values: `${prefix}value/` }
  let closed = false
  let size: Size | null = null
  let next: number | null = null
  let lastAppend: Promise<void> = Promise.resolve()
  const underWay = new Set<Promise<unknown>>()

  /** Counts the operation in, so that `close` can wait for it, and gives every failure its type. */
  async function run<T>(operation: () => Promise<T>): Promise<T> {
    if (closed) throw new StoreError('closed', 'the store is closed')
    const running = operation()
    underWay.add(running)
    try {
      return await running
    } catch (error) {
      throw databaseError(error)
    } finally {
      underWay.delete(running)
    }
  }

  /** After the appends before it, for each takes the positions that follow the ones before. */
  function appendInTurn(events: readonly StoredEvent[], values: Values): Promise<void> {
    // The caller may reuse its buffers while the events wait for their turn.
    const own = events.map(({ id, bytes }) => ({ id, bytes: new Uint8Array(bytes) }))
    const written = Object.entries(values).map(([name, value]) => valueChange(at, name, value))
    if (own.length === 0 && written.length === 0) return Promise.resolve()
    const turn = lastAppend.then(() => append(own, written))
    lastAppend = turn.catch(() => {})
    return turn
  }

  async function append(events: readonly StoredEvent[], values: readonly Change[]): Promise<void> {
    next ??= await positionAfter(database, at)
    // The last of several with one id counts; it is there once.
    const unique = [...new Map(events.toReversed().map((event) => [event.id, event])).values()].toReversed()
    const before = await database.getMany(unique.map(({ id }) => at.places + id))
    const changes: Change[] = [...values]
    let isMoved = false
    for (const [index, { id, bytes }] of unique.entries()) {
      const old = before[index]
      if (old !== undefined) {
        isMoved = true
        changes.push({ type: 'del', key: at.events + textOf(old) })
      }
      const position = positionText(next + index)
      changes.push({ type: 'put', key: at.events + position, value: seal(position, recordOf(id, bytes)) })
      changes.push({ type: 'put', key: at.places + id, value: Buffer.from(position) })
    }
    await change(database, changes)
    next += unique.length
    size = isMoved ? null : size && grown(size, unique)
  }

  async function close(): Promise<void> {
    closed = true
    await Promise.allSettled(underWay)
  }

  return {
    persistent: true,
    append: (events, values = {}) => run(async () => await appendInTurn(events, values)),
    load: () => run(() => loadAll(database, at)),
    read: (ids) => run(() => readEvents(database, at, ids)),
    readValue: (name) => run(() => readValue(database, at, name)),
    writeValue: (name, value) => run(async () => await change(database, [valueChange(at, name, value)])),
    size: () =>
      run(async () => {
        size ??= await measure(database, at)
        return size
      }),
    close,
    async delete() {
      await close()
      try {
        await deleteAll(database, prefix)
      } catch (error) {
        throw databaseError(error)
      }
    },
  }
}

/** Throws `valueTooLarge`. */
function valueChange(at: Places, name: string, value: Uint8Array): Change {
  checkValueSize(name, value)
  return { type: 'put', key: at.values + name, value: seal(name, value) }
}

/** In one batch: a part that stayed behind would be taken for the whole, and its author would contradict the rest. */
async function deleteAll(database: Database, prefix: string): Promise<void> {
  const keys = await database.keys(below(prefix)).all()
  await change(
    database,
    keys.map((key) => ({ type: 'del', key })),
  )
}

const positionDigits = 16

function positionText(position: number): string {
  return position.toString(16).padStart(positionDigits, '0')
}

async function positionAfter(database: Database, at: Places): Promise<number> {
  const [last] = await database.keys({ ...below(at.events), reverse: true, limit: 1 }).all()
  return last === undefined ? 0 : Number.parseInt(last.slice(at.events.length), 16) + 1
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
}

/** Ids hold no zero character. */
function recordOf(id: string, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(id), Uint8Array.of(0), bytes])
}

function eventOf(record: Uint8Array): StoredEvent | null {
  const end = record.indexOf(0)
  return end < 0 ? null : { id: textOf(record.subarray(0, end)), bytes: record.slice(end + 1) }
}

function grown({ events, bytes }: Size, added: readonly StoredEvent[]): Size {
  return { events: events + added.length, bytes: added.reduce((sum, event) => sum + event.bytes.length, bytes) }
}

async function loadAll(database: Database, at: Places): Promise<LoadedEvents> {
  const events: StoredEvent[] = []
  const damagedAt = new Set<string>()
  for await (const [key, sealed] of database.iterator(below(at.events))) {
    const position = key.slice(at.events.length)
    const record = unseal(position, sealed)
    const event = record && eventOf(record)
    if (event) events.push(event)
    else damagedAt.add(position)
  }
  return { events, damaged: damagedAt.size === 0 ? [] : await nameDamaged(database, at, damagedAt) }
}

async function readEvents(
  database: Database,
  at: Places,
  ids: readonly string[],
): Promise<readonly (Uint8Array | null)[]> {
  const places = (await database.getMany(ids.map((id) => at.places + id))).map((place) => place && textOf(place))
  // A place that is empty holds no event.
  const sealed = await database.getMany(places.map((place) => at.events + (place ?? '')))
  return ids.map((id, i) => {
    const [place, bytes] = [places[i], sealed[i]]
    const record = place === undefined || bytes === undefined ? null : unseal(place, bytes)
    const event = record && eventOf(record)
    return event?.id === id ? event.bytes : null
  })
}

/** By the list of places, for a damaged record cannot be asked for its own id. */
async function nameDamaged(
  database: Database,
  at: Places,
  positions: ReadonlySet<string>,
): Promise<readonly DamagedRecord[]> {
  const ids = new Map<string, string>()
  for await (const [key, place] of database.iterator(below(at.places))) {
    ids.set(textOf(place), key.slice(at.places.length))
  }
  return [...positions].map((position) => ({ id: ids.get(position) ?? null }))
}

async function measure(database: Database, at: Places): Promise<Size> {
  let events = 0
  let bytes = 0
  for await (const [key, sealed] of database.iterator(below(at.events))) {
    const record = unseal(key.slice(at.events.length), sealed)
    events += 1
    bytes += (record && eventOf(record))?.bytes.length ?? 0
  }
  return { events, bytes }
}

async function readValue(database: Database, at: Places, name: string): Promise<Uint8Array | null> {
  const sealed = await database.get(at.values + name)
  if (sealed === undefined) return null
  const value = unseal(name, sealed)
  if (value === null) throw new StoreError('damaged', `value "${name}" is damaged`, { id: name })
  return value
}
