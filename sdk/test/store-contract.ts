/** What every store keeps to, whatever it is made of. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Store, valueBytesMax } from '../src/store/index.ts'

export function event(name: string, length = 3) {
  return { id: name, bytes: new Uint8Array(length).fill(name.charCodeAt(0)) }
}

export function describeStore(kind: string, open: () => Promise<Store>): void {
  describe(`a store ${kind}`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.delete())

    const ids = async () => (await store.load()).events.map(({ id }) => id)

    test('is empty at first', async () => {
      expect(await store.load()).toEqual({ events: [], damaged: [] })
      expect(await store.size()).toEqual({ events: 0, bytes: 0 })
    })

    test('loads events in the order in which they were appended', async () => {
      await store.append([event('c'), event('a')])
      await store.append([])
      await store.append([event('b')])
      expect(await store.load()).toEqual({ events: [event('c'), event('a'), event('b')], damaged: [] })
    })

    test('keeps the order of calls that do not wait for each other', async () => {
      await Promise.all([
        store.append([event('b')]),
        store.append([event('b'), event('a')]),
        store.append([event('c')]),
      ])
      expect(await ids()).toEqual(['b', 'a', 'c'])
    })

    test('reads single events by their ids, in the order asked for, and null for what is not there', async () => {
      await store.append([event('a'), event('b'), event('c')])
      await store.append([event('a', 5)])
      expect(await store.read([])).toEqual([])
      expect(await store.read(['c', 'x', 'a', 'c'])).toEqual([
        event('c').bytes,
        null,
        event('a', 5).bytes,
        event('c').bytes,
      ])
    })

    test('moves an event that is appended again to the end, once, with its new bytes', async () => {
      await store.append([event('a'), event('b'), event('c')])
      await store.append([event('d'), event('b', 5), event('a')])
      expect((await store.load()).events).toEqual([event('c'), event('d'), event('b', 5), event('a')])
      expect(await store.size()).toEqual({ events: 4, bytes: 14 })
    })

    test('knows how much it holds', async () => {
      await store.append([event('a', 10)])
      expect(await store.size()).toEqual({ events: 1, bytes: 10 })
      await store.append([event('b', 5), event('c', 0)])
      expect(await store.size()).toEqual({ events: 3, bytes: 15 })
    })

    test('loads more events than fit into one read', async () => {
      const many = Array.from({ length: 1201 }, (_, index) => event(`${index}`, 1))
      await store.append(many)
      expect(await ids()).toEqual(many.map(({ id }) => id))
    })

    test('keeps what was appended, not what the caller makes of the buffer later', async () => {
      const buffer = new Uint8Array(1000)
      await store.append([{ id: 'a', bytes: buffer.subarray(10, 12) }])
      await store.writeValue('v', buffer.subarray(0, 1))
      buffer.fill(7)
      expect((await store.load()).events).toEqual([{ id: 'a', bytes: new Uint8Array(2) }])
      expect(await store.readValue('v')).toEqual(new Uint8Array(1))
    })

    test('keeps values by name, apart from events', async () => {
      expect(await store.readValue('tip')).toBeNull()
      await store.writeValue('tip', Uint8Array.of(1))
      await store.writeValue('tip', Uint8Array.of(2, 3))
      await store.writeValue('other', new Uint8Array())
      expect(await store.readValue('tip')).toEqual(Uint8Array.of(2, 3))
      expect(await store.readValue('other')).toEqual(new Uint8Array())
      expect(await ids()).toEqual([])
    })

    test('appends events together with values', async () => {
      await store.append([event('a')], { tip: Uint8Array.of(1), other: Uint8Array.of(7) })
      await store.append([event('b'), event('a')], { tip: Uint8Array.of(2) })
      await store.append([], { other: Uint8Array.of(8) })
      expect(await ids()).toEqual(['b', 'a'])
      expect(await store.readValue('tip')).toEqual(Uint8Array.of(2))
      expect(await store.readValue('other')).toEqual(Uint8Array.of(8))
    })

    test('appends neither when one of the values is refused', async () => {
      const large = new Uint8Array(valueBytesMax + 1)
      await expect(store.append([event('a')], { tip: Uint8Array.of(1), large })).rejects.toMatchObject({
        code: 'valueTooLarge',
      })
      expect(await ids()).toEqual([])
      expect(await store.readValue('tip')).toBeNull()
    })

    test('refuses values that are not small', async () => {
      await expect(store.writeValue('v', new Uint8Array(valueBytesMax + 1))).rejects.toMatchObject({
        code: 'valueTooLarge',
      })
      await store.writeValue('v', new Uint8Array(valueBytesMax))
    })

    test('refuses everything once closed, and may be closed twice', async () => {
      await store.close()
      await store.close()
      const closed = { name: 'StoreError', code: 'closed' }
      await expect(store.append([event('a')])).rejects.toMatchObject(closed)
      await expect(store.load()).rejects.toMatchObject(closed)
      await expect(store.readValue('v')).rejects.toMatchObject(closed)
      await expect(store.writeValue('v', new Uint8Array())).rejects.toMatchObject(closed)
      await expect(store.size()).rejects.toMatchObject(closed)
    })
  })
}
