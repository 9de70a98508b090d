import { bytesToHex } from '@noble/hashes/utils.js'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { key, openTab, pass, stopTime } from '../../test/sessions.ts'
import { createMemoryStore, ownTipName, type Store, StoreError } from '../store/index.ts'
import { createMemoryNetwork, type MemoryNetwork } from '../transport/memory.ts'
import { decodeSealedEvent } from '../wire/index.ts'
import { createLastWords } from './last-words.ts'
import type { Session, SessionOptions } from './session.ts'

const [A, B] = [key('a'), key('b')]

beforeEach(stopTime)
afterEach(() => void vi.useRealTimers())

interface Disk {
  readonly open: () => Promise<Store>
  /** Ids of the events by this peer that can be read, oldest first. */
  by(peer: string): Promise<string[]>
  /** These records no longer are what was written. */
  damage(...names: string[]): void
  /** These records are gone without a trace. */
  lose(...names: string[]): void
  fill(isFull: boolean): void
  copy(): Promise<Disk>
}

/** Outlives the sessions that use it. */
function createDisk(kept: Store = createMemoryStore()): Disk {
  const damaged = new Set<string>()
  const lost = new Set<string>()
  let isFull = false
  const checkSpace = () => {
    if (isFull) throw new StoreError('quota', 'full')
  }
  const store: Store = {
    ...kept,
    persistent: true,
    async append(events, values = {}) {
      checkSpace()
      for (const name of [...events.map(({ id }) => id), ...Object.keys(values)]) {
        damaged.delete(name)
        lost.delete(name)
      }
      await kept.append(events, values)
    },
    async load() {
      const { events } = await kept.load()
      const isThere = ({ id }: { id: string }) => !lost.has(id)
      return {
        events: events.filter((event) => isThere(event) && !damaged.has(event.id)),
        damaged: events.filter((event) => isThere(event) && damaged.has(event.id)).map(({ id }) => ({ id })),
      }
    },
    async readValue(name) {
      if (damaged.has(name)) throw new StoreError('damaged', 'simulated', { id: name })
      return lost.has(name) ? null : await kept.readValue(name)
    },
    async writeValue(name, value) {
      checkSpace()
      damaged.delete(name)
      lost.delete(name)
      await kept.writeValue(name, value)
    },
    close: async () => {},
    async delete() {
      const { events } = await kept.load()
      for (const { id } of events) lost.add(id)
      for (const name of ['genesis', ownTipName]) lost.add(name)
    },
  }
  return {
    open: async () => store,
    async by(peer) {
      const { events } = await store.load()
      return events.flatMap(({ id, bytes }) => {
        const decoded = decodeSealedEvent(bytes)
        return 'ok' in decoded && decoded.ok.event.creator === peer ? id : []
      })
    },
    damage: (...names) => {
      for (const name of names) damaged.add(name)
    },
    lose: (...names) => {
      for (const name of names) lost.add(name)
    },
    fill: (full) => {
      isFull = full
    },
    async copy() {
      const other = createMemoryStore()
      await other.append((await store.load()).events)
      for (const name of ['genesis', ownTipName]) {
        const value = await store.readValue(name)
        if (value) await other.writeValue(name, value)
      }
      return createDisk(other)
    },
  }
}

interface Scene {
  readonly network: MemoryNetwork
  readonly a: Session
  readonly disk: Disk
  /** Opens b's tab from a disk, b's own by default. */
  reopen(options?: Partial<SessionOptions> & { disk?: Disk }): Promise<Session>
}

/** A section of a and b in which both have spoken; b's tab was closed. */
async function scene(): Promise<Scene> {
  const network = createMemoryNetwork()
  const a = await openTab(network, 'a')
  await pass(1_000)
  const disk = createDisk()
  const reopen: Scene['reopen'] = ({ disk: from = disk, ...options } = {}) =>
    openTab(network, 'b', {
      openStore: from.open,
      hasPast: true,
      ...options,
    })
  const b = await reopen({ hasPast: false })
  await pass(2_000)
  for (const value of ['one', 'two', 'three']) b.section.submit(value)
  a.section.submit('from a')
  await pass(1_000)
  await closed(b)
  expect(a.section.status.members.map(({ peer }) => peer)).toEqual([A, B])
  return { network, a, disk, reopen }
}

async function closed({ section }: Session): Promise<void> {
  const closing = section.close()
  await pass(100)
  await closing
}

const values = ({ section }: Session) =>
  Array.from({ length: section.status.height }, (_, i) => section.block(i + 1)).flatMap(
    (block) => block?.transactions.map(({ value }) => value) ?? [],
  )

/** b is the same member, has everything, and what it submits becomes final; nobody saw it contradict itself. */
async function expectWhole({ a, disk }: Scene, b: Session): Promise<void> {
  b.section.submit('four')
  await pass(5_000)
  expect(values(b)).toEqual(values(a))
  expect(values(a)).toEqual(expect.arrayContaining(['one', 'two', 'three', 'from a', 'four']))
  expect(b.section.status).toMatchObject({ state: 'ready', reason: null })
  expect([a, b].flatMap(({ section }) => section.diagnostics().malice)).toEqual([])
  expect((await (await disk.open()).load()).damaged).toEqual([])
}

describe('a tab whose disk lost events', () => {
  const own = (which: 'first' | 'last') => async (disk: Disk) => {
    const ids = await disk.by(B)
    return (which === 'first' ? ids[0] : ids.at(-1)) ?? ''
  }
  const others = async (disk: Disk) => (await disk.by(A))[0] ?? ''
  const cases = [
    ['its last own event, damaged', own('last'), 'damage'],
    ['its last own event, gone', own('last'), 'lose'],
    ['its first own event, damaged', own('first'), 'damage'],
    ["another's event on which own ones stand, damaged", others, 'damage'],
  ] as const

  test.each(cases)('(%s) says nothing before peers have brought back all that it said', async (_, which, how) => {
    const all = await scene()
    const { network, disk, reopen } = all
    disk[how](await which(disk))
    const before = await disk.by(B)
    network.cut(A, B)
    const b = await reopen()
    b.section.submit('early')
    await pass(60_000)
    expect(await disk.by(B)).toEqual(before)
    expect(b.section.status.reason).toMatch(/damaged here: waiting for/)
    network.heal(A, B)
    await pass(5_000)
    expect(values(b)).toContain('early')
    await expectWhole(all, b)
  })

  test('is whole again on the disk, too', async () => {
    const all = await scene()
    const { disk, reopen } = all
    disk.damage(await own('first')(disk))
    const b = await reopen()
    await pass(5_000)
    await closed(b)
    const again = await reopen()
    expect(again.section.status.height).toBeGreaterThan(0)
    await expectWhole(all, again)
  })

  test.each(['damage', 'lose'] as const)(
    'and the name of its last event (%s) is not that member any more',
    async (how) => {
      const { disk, reopen } = await scene()
      disk[how](ownTipName)
      await expect(reopen()).rejects.toMatchObject({ name: 'StoreError', code: 'damaged' })
    },
  )

  test('and all of its history is not that member any more', async () => {
    const { reopen } = await scene()
    await expect(reopen({ disk: createDisk() })).rejects.toMatchObject({ name: 'StoreError', code: 'damaged' })
  })
})

describe('a tab whose worker stored an event that its page never sent', () => {
  /** b's last event is on the disk only, and damaged there; `told`: its page kept what it had sent last. */
  async function unsent({ told }: { readonly told: boolean }) {
    const all = await scene()
    const { network, a, disk, reopen } = all
    const storage = new Map<string, string>()
    const lastWords = createLastWords(
      () => ({
        getItem: (name) => storage.get(name) ?? null,
        setItem: (name, value) => void storage.set(name, value),
        removeItem: (name) => void storage.delete(name),
      }),
      'room',
      B,
    )
    const sent = await (await disk.open()).readValue(ownTipName)
    network.cut(A, B)
    const before = await reopen()
    await pass(5_000)
    before.section.submit('unsent')
    await pass(1_000)
    await closed(before)
    const last = (await disk.by(B)).at(-1) ?? ''
    expect(last).not.toBe(bytesToHex((sent as Uint8Array).subarray(4)))
    disk.damage(last)
    if (told) lastWords.keepReach(a.section.id, sent as Uint8Array)
    network.heal(A, B)
    return { ...all, storage, b: await reopen({ lastWords }) }
  }

  test('does not miss it where it is damaged, and says something else in its place', async () => {
    const { a, b, reopen, storage } = await unsent({ told: true })
    b.section.submit('four')
    await pass(5_000)
    expect(b.section.status).toMatchObject({ state: 'ready', reason: null })
    expect(values(a)).toContain('four')
    expect(storage.size).toBe(0)
    await closed(b)
    // Nor the next time, when nobody tells any more.
    const again = await reopen()
    again.section.submit('five')
    await pass(5_000)
    expect(values(a)).toContain('five')
    expect(values(again)).toEqual(values(a))
    expect([a, again].flatMap(({ section }) => section.diagnostics().malice)).toEqual([])
  })

  test('waits for it where nobody kept how far its page got', async () => {
    const { a, b } = await unsent({ told: false })
    b.section.submit('four')
    await pass(60_000)
    expect(b.section.status.reason).toMatch(/damaged here: waiting for/)
    expect(values(a)).not.toContain('four')
  })
})

describe('a tab whose disk does not say which section it was in', () => {
  test.each(['damage', 'lose'] as const)('(%s) founds none, and goes on when somebody there tells it', async (how) => {
    const all = await scene()
    const { network, disk, reopen } = all
    disk[how]('genesis')
    network.cut(A, B)
    const b = await reopen()
    await pass(60_000)
    expect(b.section.status.state).toBe('joining')
    expect(b.section.id).toBe('')
    network.heal(A, B)
    await pass(5_000)
    expect(b.section.id).toBe(all.a.section.id)
    await expectWhole(all, b)
  })
})

describe('an identity whose storage was copied', () => {
  function watch(b: Session) {
    const alarms: string[] = []
    b.section.on('alarm', (reason) => void alarms.push(reason))
    return alarms
  }

  test('stops and is given up where it is behind, having said nothing', async () => {
    const { a, disk, reopen } = await scene()
    const old = await disk.copy()
    const ahead = await reopen()
    await pass(1_000)
    ahead.section.submit('four')
    await pass(2_000)
    await closed(ahead)
    const said = await old.by(B)
    const released: boolean[] = []
    const behind = await reopen({ disk: old, release: async (forget) => void released.push(forget) })
    const alarms = watch(behind)
    const receipt = behind.section.submit('contradiction')
    const rejected = expect(receipt.final).rejects.toMatchObject({ code: 'identityInUse', reason: 'outdated' })
    await pass(5_000)
    await rejected
    expect(alarms).toEqual([expect.stringMatching(/has said more than is known here/)])
    expect(behind.section.status.state).toBe('stopped')
    expect(released).toEqual([true])
    expect(await old.by(B)).toEqual([])
    expect(said.length).toBeGreaterThan(0)
    expect(a.section.diagnostics().malice).toEqual([])
    expect(values(a)).not.toContain('contradiction')
  })

  test('of two that run, the older stops, and keeps what it has; the younger goes on', async () => {
    const all = await scene()
    const { disk, reopen } = all
    const copy = await disk.copy()
    const released: boolean[] = []
    const older = await reopen({ release: async (forget) => void released.push(forget) })
    const alarms = watch(older)
    await pass(2_000)
    const younger = await reopen({ disk: copy })
    await pass(2_000)
    expect(alarms).toEqual([expect.stringMatching(/in use in another place/)])
    expect(older.section.status.state).toBe('stopped')
    expect(() => older.section.submit('more')).toThrow(expect.objectContaining({ code: 'identityInUse' }))
    expect(released).toEqual([])
    await expectWhole(all, younger)
  })
})

describe('a tab whose disk is full', () => {
  test('stops, says so, and has sent nothing that it cannot keep; with space it goes on as the same member', async () => {
    const all = await scene()
    const { a, disk, reopen } = all
    const b = await reopen()
    await pass(2_000)
    disk.fill(true)
    const alarms: string[] = []
    const reasons: (string | null)[] = []
    b.section.on('alarm', (reason) => void alarms.push(reason))
    b.section.on('alarm', () => void reasons.push(b.section.diagnostics().storage.reason))
    const { final } = b.section.submit('not kept')
    const rejected = expect(final).rejects.toMatchObject({ code: 'storage', reason: 'quota' })
    await pass(5_000)
    await rejected
    expect(alarms).toEqual([expect.stringMatching(/storage of this site is full/)])
    expect(b.section.status).toMatchObject({ state: 'stopped', reason: alarms[0] })
    expect(b.section.diagnostics().storage).toMatchObject({ persistent: true, reason: 'quota' })
    expect(reasons).toEqual(['quota'])
    expect(values(a)).not.toContain('not kept')
    expect(a.section.status.members).toMatchObject([{ online: true }, { online: false }])
    await closed(b)
    disk.fill(false)
    await expectWhole(all, await reopen())
  })
})
