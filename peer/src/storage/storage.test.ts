import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { serialize } from 'node:v8'
import { ClassicLevel } from 'classic-level'
import { createMemoryLocks, type PlatformStorage } from 'parsec-web/platform'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { describeStore, event } from '../../../sdk/test/store-contract.ts'
import { describeVault, plain } from '../../../sdk/test/vault-contract.ts'
import { temporaryDirectory } from '../../test/directories.ts'
import { change, type Database, openDatabase, roomKey } from './database.ts'
import { levelIdentityRecords } from './identities.ts'
import { seal } from './sealed.ts'
import { openLevelStorage } from './storage.ts'
import { openLevelStore } from './store.ts'

const peer = 'ab'.repeat(32)
const room = 'tea-club'

describe('in one database', () => {
  const directory = mkdtempSync(join(tmpdir(), 'parsec-web-peer-'))
  const identitiesOf = (name: string) => `identity/${roomKey(name)}/`
  let database: Database
  beforeAll(async () => {
    database = await openDatabase(directory)
  })
  afterAll(async () => {
    await database.close()
    rmSync(directory, { recursive: true, force: true })
  })
  afterEach(() => vi.restoreAllMocks())

  describeStore('in LevelDB', async () => openLevelStore(database, 'store/room/peer/'))

  const shared = createMemoryLocks()
  describeVault('records in LevelDB', () => shared, {
    records: (name) => levelIdentityRecords(database, identitiesOf(name)),
    forms: [plain],
    put: (name, key, record) =>
      change(database, [{ type: 'put', key: identitiesOf(name) + key, value: seal(key, serialize(record)) }]),
    count: async (name) => (await levelIdentityRecords(database, identitiesOf(name)).all()).length,
    fill() {
      vi.spyOn(database, 'batch').mockRejectedValue(new Error('IO error: 000005.log: No space left on device'))
    },
    clear: () => database.clear({ gte: 'identity/', lt: 'identity0' }),
  })
})

async function openStorage(directory = temporaryDirectory()): Promise<PlatformStorage> {
  const storage = await openLevelStorage(directory)
  onTestFinished(() => storage.close())
  return storage
}

/** Changes the database while nobody has it open, as whatever damages a disk would. */
async function behindItsBack(directory: string, edit: (database: Database) => Promise<unknown>): Promise<void> {
  const database: Database = new ClassicLevel(directory, { keyEncoding: 'utf8', valueEncoding: 'view' })
  await edit(database)
  await database.close()
}

/** A database that holds these events and was closed. */
async function written(...names: string[]): Promise<string> {
  const directory = temporaryDirectory()
  const storage = await openLevelStorage(directory)
  const store = await storage.openStore(room, peer)
  await store.append(names.map((name) => event(name)))
  await store.writeValue('tip', Uint8Array.of(9))
  await storage.close()
  return directory
}

const storeOf = `store/${roomKey(room)}/${peer}/`
const positions = ['0000000000000000', '0000000000000001']

test('holds after it is opened again what was appended and written', async () => {
  const storage = await openStorage(await written('a', 'b'))
  const store = await storage.openStore(room, peer)
  expect(await store.load()).toEqual({ events: [event('a'), event('b')], damaged: [] })
  expect(await store.readValue('tip')).toEqual(Uint8Array.of(9))
  await store.append([event('c')])
  expect((await store.load()).events.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
})

test('keeps the stores of rooms and peers apart, and deletes one without the others', async () => {
  const storage = await openStorage()
  const stores = await Promise.all([
    storage.openStore(room, peer),
    storage.openStore('other', peer),
    storage.openStore(room, 'cd'.repeat(32)),
  ])
  for (const [index, store] of stores.entries()) await store.append([event(String(index))])
  await stores[0]?.delete()
  expect(await (await storage.openStore(room, peer)).size()).toEqual({ events: 0, bytes: 0 })
  for (const index of [1, 2]) expect((await stores[index]?.load())?.events).toEqual([event(String(index))])
})

test('writes with fsync only, and each call as one batch', async () => {
  const batch = vi.spyOn(ClassicLevel.prototype, 'batch')
  onTestFinished(() => batch.mockRestore())
  const storage = await openStorage()
  const store = await storage.openStore(room, peer)
  batch.mockClear()
  await store.append([event('a'), event('b')])
  await store.append([event('c'), event('a')])
  await store.writeValue('tip', Uint8Array.of(1))
  await store.delete()
  expect(batch).toHaveBeenCalledTimes(4)
  for (const call of batch.mock.calls as unknown[][]) expect(call[1]).toEqual({ sync: true })
})

test('loses nothing of what was acknowledged to a process that is killed', { timeout: 60_000 }, async () => {
  const directory = temporaryDirectory()
  const program = fileURLToPath(new URL('../../test/append-for-ever.ts', import.meta.url))
  const tsconfig = fileURLToPath(new URL('../../../tsconfig.tools.json', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', program, directory], {
    env: { ...process.env, TSX_TSCONFIG_PATH: tsconfig },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = new Promise((resolve) => child.once('close', resolve))
  let acknowledged = 0
  for await (const line of createInterface(child.stdout)) {
    acknowledged = Number(line)
    if (acknowledged >= 200) child.kill('SIGKILL')
  }
  await closed
  expect(acknowledged).toBeGreaterThanOrEqual(200)
  const storage = await openStorage(directory)
  const { events, damaged } = await (await storage.openStore(room, peer)).load()
  expect(damaged).toEqual([])
  expect(events.length).toBeGreaterThanOrEqual(acknowledged)
  expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => `${index}`))
})

describe('finds damage by checksum', () => {
  test.each([
    ['other bytes', (value: Uint8Array) => value.map((byte, index) => (index === value.length - 1 ? byte ^ 1 : byte))],
    ['half of it', (value: Uint8Array) => value.slice(0, 20)],
    ['nothing', () => new Uint8Array()],
  ])('%s', async (_, damage) => {
    const directory = await written('a', 'b')
    await behindItsBack(directory, async (database) => {
      const key = `${storeOf}event/${positions[0]}`
      await database.put(key, damage((await database.get(key)) ?? new Uint8Array()))
    })
    const store = await (await openStorage(directory)).openStore(room, peer)
    for (const _again of [1, 2]) expect(await store.load()).toEqual({ events: [event('b')], damaged: [{ id: 'a' }] })
    await store.append([event('a')])
    expect(await store.load()).toEqual({ events: [event('b'), event('a')], damaged: [] })
  })

  test('a record in another place than its own', async () => {
    const directory = await written('a', 'b')
    await behindItsBack(directory, async (database) => {
      const value = (await database.get(`${storeOf}event/${positions[0]}`)) ?? new Uint8Array()
      await database.put(`${storeOf}event/${positions[1]}`, value)
    })
    const store = await (await openStorage(directory)).openStore(room, peer)
    expect(await store.load()).toEqual({ events: [event('a')], damaged: [{ id: 'b' }] })
  })

  test('in values', async () => {
    const directory = await written()
    await behindItsBack(directory, (database) => database.put(`${storeOf}value/tip`, new Uint8Array(40)))
    const store = await (await openStorage(directory)).openStore(room, peer)
    await expect(store.readValue('tip')).rejects.toMatchObject({ code: 'damaged', id: 'tip' })
    await store.writeValue('tip', Uint8Array.of(1))
    expect(await store.readValue('tip')).toEqual(Uint8Array.of(1))
  })
})

test('is one process at a time: the second is told who is in the way, and takes nothing', async () => {
  const directory = await written('a')
  const first = await openStorage(directory)
  await expect(openLevelStorage(directory)).rejects.toMatchObject({
    name: 'StoreError',
    code: 'blocked',
    message: `another process is using the database in ${directory}`,
  })
  expect((await (await first.openStore(room, peer)).load()).events).toEqual([event('a')])
  await first.close()
  await openStorage(directory)
})

test('is for its owner only', async () => {
  const directory = join(temporaryDirectory(), 'new', 'one')
  await openStorage(directory)
  expect(statSync(directory).mode & 0o777).toBe(0o700)
})

test('is denied where there can be no directory', async () => {
  const file = join(temporaryDirectory(), 'file')
  writeFileSync(file, '')
  await expect(openLevelStorage(file)).rejects.toMatchObject({ code: 'denied' })
  await expect(openLevelStorage(join(file, 'below'))).rejects.toMatchObject({ code: 'denied' })
})

test('of a newer format is left alone', async () => {
  const directory = await written('a')
  await behindItsBack(directory, (database) => database.put('format', Buffer.from('2')))
  await expect(openLevelStorage(directory)).rejects.toMatchObject({ code: 'newerFormat' })
})

/** Format 1 as it was first published. SHA-256 over the position's digits, 00, "a", 00 and "aaa"; then "a", 00, "aaa". */
const goldenEvent = '5d2de37632fe666ffb3c869df05cc25c2412db1debfa79c3bfa155bbcc63010d6100616161'

test('of format 1 is written as it was first published', async () => {
  const directory = await written('a')
  const entries: [string, string][] = []
  await behindItsBack(directory, async (database) => {
    for await (const [key, value] of database.iterator()) entries.push([key, Buffer.from(value).toString('hex')])
  })
  expect(entries).toEqual([
    ['format', '31'],
    [`${storeOf}event/${positions[0]}`, goldenEvent],
    [`${storeOf}place/a`, Buffer.from(positions[0] ?? '').toString('hex')],
    [`${storeOf}value/tip`, '38334d0f8e63bf9573e21323df23a986055934638879b67fc88fad6f56c9033209'],
  ])
})

test('refuses everything once closed', async () => {
  const storage = await openStorage()
  const store = await storage.openStore(room, peer)
  await storage.close()
  await expect(store.append([event('a')])).rejects.toMatchObject({ code: 'closed' })
  await expect(storage.identities(room).all()).rejects.toMatchObject({ code: 'closed' })
})
