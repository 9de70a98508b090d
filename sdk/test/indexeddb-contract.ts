/** What a store on disk keeps to beyond the contract of every store. Needs a global IndexedDB, real or not. */
import { deleteDB, type IDBPDatabase, openDB } from 'idb'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { openIndexedDbStore, ownTipName, type StoreErrorCode } from '../src/store/index.ts'
import { event } from './store-contract.ts'

const name = 'parsec-web-test-store'

/**
 * Records of formats 1 and 2 as they were first published; 2 adds the value `ownTip`. The checksums are SHA-256 over "a" 00
 * 010203, "tip" 00 09, and "ownTip" 00.
 */
const goldenFormat = 2
const goldenEvent = {
  id: 'a',
  bytes: Uint8Array.of(1, 2, 3),
  checksum: hexToBytes('e0305b71a3764e103718ee7bbb3617c0f9cb1e56287d4997abff7f98a4d1b66a'),
}
const goldenValue = {
  value: Uint8Array.of(9),
  checksum: hexToBytes('38334d0f8e63bf9573e21323df23a986055934638879b67fc88fad6f56c90332'),
}

const emptyTip = {
  value: new Uint8Array(),
  checksum: hexToBytes('79b69a5cbfec39d9b3a04269cbdf2da13e84f358e66d10055b69bc86dcc0c22f'),
}

function hexToBytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
}

async function createGolden(format: number, events: readonly unknown[] = [goldenEvent]): Promise<void> {
  const database = await openDB(name, format, {
    upgrade(fresh) {
      fresh.createObjectStore('events', { autoIncrement: true }).createIndex('id', 'id', { unique: true })
      fresh.createObjectStore('values')
    },
  })
  for (const record of events) await database.put('events', record)
  await database.put('values', goldenValue, 'tip')
  database.close()
}

/** Opens beside the store, as whatever damages a disk would. */
async function behindItsBack(change: (database: IDBPDatabase) => Promise<unknown>): Promise<void> {
  const database = await openDB(name)
  await change(database)
  database.close()
}

function failWith(method: 'add' | 'put', error: string): void {
  vi.spyOn(IDBObjectStore.prototype, method).mockImplementation(() => {
    throw new DOMException('simulated', error)
  })
}

export function describeIndexedDbStore(): void {
  describe('a store in IndexedDB', () => {
    afterEach(async () => {
      vi.restoreAllMocks()
      vi.unstubAllGlobals()
      await deleteDB(name)
    })

    test('holds after it is opened again what was appended and written', async () => {
      const first = await openIndexedDbStore(name)
      await first.append([event('a'), event('b')])
      await first.writeValue('tip', Uint8Array.of(1))
      await first.close()
      const second = await openIndexedDbStore(name)
      expect(await second.load()).toEqual({ events: [event('a'), event('b')], damaged: [] })
      expect(await second.readValue('tip')).toEqual(Uint8Array.of(1))
      expect(await second.size()).toEqual({ events: 2, bytes: 6 })
      await second.close()
    })

    test('writes with strict durability only', async () => {
      const store = await openIndexedDbStore(name)
      const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction')
      await store.append([event('a')])
      await store.append([event('a')])
      await store.writeValue('tip', new Uint8Array())
      const writing = transaction.mock.calls.filter(([, mode]) => mode === 'readwrite')
      expect(writing).toHaveLength(4)
      for (const [, , options] of writing) expect(options).toEqual({ durability: 'strict' })
      await store.close()
    })

    test('finishes what is under way before it closes', async () => {
      const store = await openIndexedDbStore(name)
      const appended = store.append([event('a')])
      await store.close()
      await appended
      const again = await openIndexedDbStore(name)
      expect((await again.load()).events).toEqual([event('a')])
      await again.close()
    })

    describe('keeps all of a batch or nothing of it', () => {
      const failures: readonly (readonly [string, StoreErrorCode])[] = [
        ['QuotaExceededError', 'quota'],
        ['SecurityError', 'denied'],
        ['UnknownError', 'failed'],
      ]
      test.each(failures)('on %s, reported as %s', async (error, code) => {
        const store = await openIndexedDbStore(name)
        await store.append([event('a')])
        const add = IDBObjectStore.prototype.add
        vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(function (this: IDBObjectStore, record, key) {
          if (record.id === 'c') throw new DOMException('simulated', error)
          return add.call(this, record, key)
        })
        await expect(store.append([event('b'), event('c')])).rejects.toMatchObject({ name: 'StoreError', code })
        await expect(store.append([event('a'), event('c')])).rejects.toMatchObject({ name: 'StoreError', code })
        vi.restoreAllMocks()
        expect((await store.load()).events).toEqual([event('a')])
        await store.append([event('d')])
        expect(await store.size()).toEqual({ events: 2, bytes: 6 })
        await store.close()
      })
      test('with the values of the same append', async () => {
        const store = await openIndexedDbStore(name)
        await store.append([event('a')], { tip: Uint8Array.of(1) })
        for (const method of ['add', 'put'] as const) {
          failWith(method, 'QuotaExceededError')
          const appended = store.append([event('b')], { tip: Uint8Array.of(2) })
          await expect(appended).rejects.toMatchObject({ code: 'quota' })
          vi.restoreAllMocks()
        }
        expect((await store.load()).events).toEqual([event('a')])
        expect(await store.readValue('tip')).toEqual(Uint8Array.of(1))
        await store.close()
      })
      test('for values, too', async () => {
        const store = await openIndexedDbStore(name)
        failWith('put', 'QuotaExceededError')
        await expect(store.writeValue('tip', new Uint8Array())).rejects.toMatchObject({ code: 'quota' })
        await store.close()
      })
    })

    describe('finds damage by checksum', () => {
      test.each([
        ['other bytes', { ...goldenEvent, bytes: Uint8Array.of(1, 2, 4) }, 'a'],
        ['bytes under another id', { ...goldenEvent, id: 'b' }, 'b'],
        ['bytes that are none', { ...goldenEvent, bytes: 'abc' }, 'a'],
        ['no checksum', { id: 'a', bytes: goldenEvent.bytes }, 'a'],
        ['no id', { bytes: goldenEvent.bytes, checksum: goldenEvent.checksum }, null],
        ['no record', 5, null],
      ])('%s', async (_, damaged, id) => {
        const store = await openIndexedDbStore(name)
        await store.append([event('x')])
        await behindItsBack((database) => database.add('events', damaged))
        await store.append([event('y')])
        for (const _again of [1, 2]) {
          expect(await store.load()).toEqual({ events: [event('x'), event('y')], damaged: [{ id }] })
        }
        await store.close()
      })

      test('and is whole again once the event is appended anew', async () => {
        const store = await openIndexedDbStore(name)
        await behindItsBack((database) => database.add('events', { ...goldenEvent, bytes: new Uint8Array() }))
        await store.append([event('a')])
        expect(await store.load()).toEqual({ events: [event('a')], damaged: [] })
        await store.close()
      })

      test.each([
        ['another value', { ...goldenValue, value: Uint8Array.of(8) }],
        ['something else', 'text'],
      ])('in values: %s', async (_, damaged) => {
        const store = await openIndexedDbStore(name)
        await behindItsBack((database) => database.put('values', damaged, 'tip'))
        await expect(store.readValue('tip')).rejects.toMatchObject({ code: 'damaged', id: 'tip' })
        await store.writeValue('tip', Uint8Array.of(1))
        expect(await store.readValue('tip')).toEqual(Uint8Array.of(1))
        await store.close()
      })
    })

    describe('format', () => {
      test.each([1, 2])('%i is read as it was first published', async (format) => {
        await createGolden(format)
        const store = await openIndexedDbStore(name)
        expect(await store.load()).toEqual({ events: [{ id: 'a', bytes: goldenEvent.bytes }], damaged: [] })
        expect(await store.readValue('tip')).toEqual(goldenValue.value)
        await store.close()
      })
      test('1, with events, says from then on that their last own one was never named', async () => {
        await createGolden(1)
        const store = await openIndexedDbStore(name)
        expect(await store.readValue(ownTipName)).toEqual(new Uint8Array())
        await behindItsBack(async (database) => {
          expect(database.version).toBe(2)
          expect(await database.get('values', ownTipName)).toEqual(emptyTip)
        })
        await store.close()
      })
      test('1 without events, and a new one, have nothing to say of that', async () => {
        await createGolden(1, [])
        const [old, fresh] = [await openIndexedDbStore(name), await openIndexedDbStore(`${name}-2`)]
        for (const store of [old, fresh]) expect(await store.readValue(ownTipName)).toBeNull()
        await old.close()
        await fresh.delete()
      })
      test('1 is as it was after an upgrade that fails', async () => {
        await createGolden(1)
        failWith('put', 'QuotaExceededError')
        await expect(openIndexedDbStore(name)).rejects.toMatchObject({ name: 'StoreError', code: 'quota' })
        vi.restoreAllMocks()
        await behindItsBack(async (database) => {
          expect(database.version).toBe(1)
          expect(await database.getAll('events')).toEqual([goldenEvent])
        })
      })
      test('1 is upgraded once a tab that holds it open lets go; until then it is said to be blocked', async () => {
        await createGolden(1)
        const older = await openDB(name)
        await expect(openIndexedDbStore(name)).rejects.toMatchObject({ name: 'StoreError', code: 'blocked' })
        older.close()
        const store = await openIndexedDbStore(name)
        expect(await store.load()).toEqual({ events: [{ id: 'a', bytes: goldenEvent.bytes }], damaged: [] })
        await store.close()
      })
      test('2 is written as it was first published', async () => {
        const store = await openIndexedDbStore(name)
        await store.append([{ id: 'a', bytes: goldenEvent.bytes }])
        await store.writeValue('tip', goldenValue.value)
        await behindItsBack(async (database) => {
          expect(database.version).toBe(goldenFormat)
          expect(await database.getAll('events')).toEqual([goldenEvent])
          expect(await database.getAllKeys('events')).toEqual([1])
          expect(await database.get('values', 'tip')).toEqual(goldenValue)
        })
        await store.close()
      })
      test('of a newer version is left alone', async () => {
        ;(await openDB(name, 1000)).close()
        await expect(openIndexedDbStore(name)).rejects.toMatchObject({ code: 'newerFormat' })
      })
    })

    test('makes way for another tab that upgrades or deletes', async () => {
      const store = await openIndexedDbStore(name)
      await store.append([event('a')])
      await deleteDB(name)
      await expect(store.append([event('b')])).rejects.toMatchObject({ code: 'closed' })
      await expect(store.load()).rejects.toMatchObject({ code: 'closed' })
    })

    test('says that it is blocked by a tab that does not make way for its deletion', async () => {
      const store = await openIndexedDbStore(name)
      const other = await openDB(name)
      await expect(store.delete()).rejects.toMatchObject({ code: 'blocked' })
      other.close()
    })

    test('is denied where the platform has none, or does not let us', async () => {
      vi.stubGlobal('indexedDB', undefined)
      await expect(openIndexedDbStore(name)).rejects.toMatchObject({ code: 'denied' })
      vi.unstubAllGlobals()
      vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
        throw new DOMException('simulated', 'SecurityError')
      })
      await expect(openIndexedDbStore(name)).rejects.toMatchObject({ code: 'denied' })
    })
  })
}
