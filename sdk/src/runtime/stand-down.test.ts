import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createRealParty } from '../../test/coin-party.ts'
import type { GossipEvent } from '../core/gossip/event.ts'
import type { Output } from '../core/io.ts'
import type { Genesis } from '../core/section/block.ts'
import { createMemoryStore, type Store } from '../store/index.ts'
import { createHashing, type PeerMessage } from '../wire/index.ts'
import { type Engine, STALL_MS, startEngine } from './engine.ts'
import {
  createLastWords,
  LAST_WORDS_BYTES_MAX,
  type LastWords,
  lastWordsName,
  nothingSaid,
  type SynchronousStorage,
} from './last-words.ts'

const key = (name: string) => name.repeat(64)
const A = key('a')
const B = key('b')
const hashing = createHashing()
const genesis: Genesis = { founders: [A], createdAtMs: 0, salt: key('0'), previousSection: null, maxVoters: 13 }

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())
const turn = () => new Promise((resolve) => setImmediate(resolve))

function memory(): SynchronousStorage & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>()
  return {
    entries,
    getItem: (name) => entries.get(name) ?? null,
    setItem: (name, value) => void entries.set(name, value),
    removeItem: (name) => void entries.delete(name),
  }
}

interface Rig {
  readonly engine: Engine
  readonly log: string[]
  readonly sent: PeerMessage[]
  readonly outputs: Output[]
  readonly clock: { ms: number }
}

interface RigOptions {
  readonly store?: Store
  readonly disk?: () => Promise<void>
  readonly lastWords?: LastWords
}

async function rig({
  store = createMemoryStore(),
  disk = async () => {},
  lastWords = createLastWords(memory, 'room', A),
}: RigOptions = {}): Promise<Rig> {
  const log: string[] = []
  const sent: PeerMessage[] = []
  const outputs: Output[] = []
  const clock = { ms: 1_000 }
  const signature = (bytes: Uint8Array) => new Uint8Array(64).fill(bytes[0] ?? 0)
  const engine = await startEngine({
    identity: {
      peer: A,
      createCoin: () => createRealParty(A).coin,
      sign: async (bytes) => signature(bytes),
      signNow: (bytes) => {
        log.push('sign')
        return signature(bytes)
      },
    },
    ...{ genesis, hashing },
    nowMs: () => {
      clock.ms += 10
      return clock.ms
    },
    store: {
      ...store,
      append: async (events, values) => {
        await disk()
        await store.append(events, values)
      },
    },
    lastWords: {
      ...lastWords,
      keep: (id, events) => {
        const isKept = lastWords.keep(id, events)
        log.push(isKept ? `keep ${events.length}` : 'refused')
        return isKept
      },
    },
    send: (_to, message) => {
      log.push(`send ${message.kind}`)
      sent.push(message)
    },
    report: (output) => void outputs.push(output),
    stalled: () => void log.push('stalled'),
    failed: (error) => void log.push(`failed ${error}`),
  })
  return { engine, log, sent, outputs, clock }
}

/** A founder with one member, B, which is connected. */
async function founder(options: RigOptions = {}): Promise<Rig> {
  const started = await rig(options)
  const { engine } = started
  engine.start()
  engine.put({ kind: 'peerUp', peer: B })
  engine.put({ kind: 'admit', peer: B })
  for (let event = 0; event < 2; event++) {
    await engine.settled()
    engine.put({ kind: 'timer' })
  }
  await engine.settled()
  expect(engine.core.status().members.map(({ peer }) => peer)).toEqual([A, B])
  started.log.length = 0
  started.sent.length = 0
  return started
}

const voters = ({ core }: Engine) => core.status().members.flatMap(({ peer, voter }) => (voter ? peer : []))
const eventsIn = (messages: readonly PeerMessage[]): GossipEvent[] =>
  messages.flatMap((message) => (message.kind === 'events' ? message.events.map(({ event }) => event) : []))
const never = () => new Promise<void>(() => {})

describe('a sole voter whose page is closed', () => {
  test('hands over before the call returns: signed, kept, sent, in this order', async () => {
    const { engine, log } = await founder()
    engine.standDown()
    expect(log).toEqual(['sign', 'sign', 'keep 2', 'send events', 'send events'])
    expect(voters(engine)).toEqual([B])
    expect(engine.core.status().membership).toBe('member')
  })

  test('has signed before, so that the first signature does not hold it up', async () => {
    const { log } = await rig()
    expect(log).toEqual(['sign'])
  })

  test('says what it was asked to say in the same turn', async () => {
    const { engine, sent } = await founder()
    engine.put({ kind: 'submit', transactions: [Uint8Array.of(7)] })
    engine.standDown()
    expect(eventsIn(sent).flatMap(({ body }) => body.transactions)).toEqual([Uint8Array.of(7)])
    expect(engine.core.ordering.blocks.map(({ events }) => events.length)).toEqual([0, 1, 0])
  })

  test('keeps and sends what waits for the disk as well', async () => {
    let isBusy = false
    const { engine, log, sent } = await founder({ disk: () => (isBusy ? never() : Promise.resolve()) })
    isBusy = true
    engine.put({ kind: 'submit', transactions: [Uint8Array.of(7)] })
    await turn()
    expect(sent).toEqual([])
    engine.standDown()
    expect(log.at(3)).toMatch(/^keep [3-5]$/)
    const seqs = eventsIn(sent).map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] as number) + i))
    expect(voters(engine)).toEqual([B])
  })

  test('sends nothing that cannot be kept', async () => {
    const full = () => {
      throw new Error('no room')
    }
    const { engine, log } = await founder({
      lastWords: createLastWords(() => ({ ...memory(), setItem: full }), 'room', A),
      disk: () => Promise.resolve(),
    })
    engine.standDown()
    expect(log).toEqual(['sign', 'sign', 'refused'])
  })

  test('with nobody to hand over to says nothing', async () => {
    const { engine, log } = await founder()
    engine.put({ kind: 'peerDown', peer: B })
    await engine.settled()
    engine.standDown()
    expect(log).toEqual([])
    expect(voters(engine)).toEqual([A])
  })

  test('without keys that sign at once says nothing', async () => {
    const started = await founder()
    const engine = await startEngine({
      identity: { peer: A, createCoin: () => createRealParty(A).coin, sign: async () => new Uint8Array(64) },
      ...{ genesis, hashing, store: createMemoryStore(), nowMs: () => 1, lastWords: createLastWords(memory, 'r', A) },
      ...{ send: () => {}, report: () => {}, stalled: () => {}, failed: () => {} },
    })
    engine.standDown()
    expect(started.log).toEqual([])
    expect(engine.core.ordering.graph.vertices).toHaveLength(0)
  })
})

describe('should the page come back', () => {
  test('what was said is written and reported once, and the copy is cleared', async () => {
    const storage = memory()
    const store = createMemoryStore()
    const { engine, outputs, sent } = await founder({ store, lastWords: createLastWords(() => storage, 'room', A) })
    engine.standDown()
    expect(storage.entries.size).toBe(1)
    await engine.settled()
    await turn()
    expect(storage.entries.size).toBe(0)
    expect((await store.load()).events).toHaveLength(4)
    expect(outputs.flatMap(({ blocks }) => blocks).map(({ height }) => height)).toEqual([1, 2])
    expect(eventsIn(sent)).toHaveLength(2)
  })

  test('what is submitted on waking waits for the neighbours, and is said by the member that we are by then', async () => {
    const { engine, sent } = await founder()
    engine.standDown()
    await engine.settled()
    sent.length = 0
    engine.put({ kind: 'wake' })
    engine.put({ kind: 'submit', transactions: [Uint8Array.of(7)] })
    await engine.settled()
    expect(eventsIn(sent)).toEqual([])
    engine.put({ kind: 'message', from: B, message: { kind: 'tips', tips: [] } })
    await engine.settled()
    expect(eventsIn(sent).flatMap(({ body }) => body.transactions)).toEqual([Uint8Array.of(7)])
    expect(engine.core.status()).toMatchObject({ membership: 'member', pending: 1 })
  })

  test('a copy is cleared only by what holds all of it', async () => {
    const storage = memory()
    const gates: (() => void)[] = []
    let isBusy = false
    const { engine } = await founder({
      lastWords: createLastWords(() => storage, 'room', A),
      disk: () => (isBusy ? new Promise<void>((resolve) => gates.push(resolve)) : Promise.resolve()),
    })
    isBusy = true
    engine.standDown()
    await turn()
    engine.put({ kind: 'wake' })
    engine.put({ kind: 'submit', transactions: [Uint8Array.of(7)] })
    engine.put({ kind: 'message', from: B, message: { kind: 'tips', tips: [] } })
    engine.standDown()
    gates.shift()?.()
    await turn()
    expect(storage.entries.size).toBe(1)
    gates.shift()?.()
    await engine.settled()
    await turn()
    expect(storage.entries.size).toBe(0)
  })
})

describe('after a restart without what the disk was to keep', () => {
  async function closed() {
    const storage = memory()
    const store = createMemoryStore()
    let isBusy = false
    const options = { store, lastWords: createLastWords(() => storage, 'room', A) }
    const before = await founder({ ...options, disk: () => (isBusy ? never() : Promise.resolve()) })
    isBusy = true
    before.engine.standDown()
    return { before, storage, store, options }
  }

  test('the copy is taken into the store first: nothing that was said is contradicted', async () => {
    const { before, store, storage, options } = await closed()
    expect((await store.load()).events).toHaveLength(2)
    const { engine, sent } = await rig(options)
    expect((await store.load()).events).toHaveLength(4)
    expect(storage.entries.size).toBe(0)
    engine.start()
    engine.put({ kind: 'peerUp', peer: B })
    // Nothing that we do not know was said meanwhile.
    engine.put({ kind: 'message', from: B, message: { kind: 'tips', tips: [] } })
    engine.put({ kind: 'submit', transactions: [Uint8Array.of(8)] })
    await engine.settled()
    expect(voters(engine)).toEqual([B])
    const last = eventsIn(before.sent).at(-1)
    expect(eventsIn(sent).map(({ seq, selfParent }) => [seq, selfParent])).toEqual([[(last?.seq ?? 0) + 1, last?.id]])
  })

  test('a damaged copy is damage: the identity is not believed to know what it said', async () => {
    const { storage, options } = await closed()
    for (const [name, value] of storage.entries) storage.entries.set(name, value.slice(0, -2))
    await expect(rig(options)).rejects.toMatchObject({ code: 'damaged' })
  })

  test('a copy for another section is none', async () => {
    const { storage } = await closed()
    expect(createLastWords(() => storage, 'room', A).load(key('9'))).toEqual(nothingSaid)
  })
})

test('a copy has a limit', () => {
  const lastWords = createLastWords(memory, 'room', A)
  expect(lastWords.keep(key('1'), [new Uint8Array(LAST_WORDS_BYTES_MAX)])).toBe(true)
  expect(lastWords.keep(key('1'), [new Uint8Array(LAST_WORDS_BYTES_MAX), Uint8Array.of(1)])).toBe(false)
})

test('how far a page got is kept like what it said, and gives way to it', () => {
  const storage = memory()
  const lastWords = createLastWords(() => storage, 'room', A)
  const reach = new Uint8Array(36).fill(3)
  lastWords.keepReach(key('1'), reach)
  expect(lastWords.load(key('1'))).toEqual({ events: [], reach })
  lastWords.keep(key('1'), [Uint8Array.of(7)])
  expect(lastWords.load(key('1'))).toEqual({ events: [Uint8Array.of(7)], reach: null })
  expect(lastWords.load(key('2'))).toEqual(nothingSaid)
})

test('a copy in the first format, which had no reach, is read', () => {
  const storage = memory()
  const text = `${key('1')} 07 08`
  storage.setItem(lastWordsName('room', A), `1 ${bytesToHex(sha256(utf8ToBytes(text)))} ${text}`)
  expect(createLastWords(() => storage, 'room', A).load(key('1'))).toEqual({
    events: [Uint8Array.of(7), Uint8Array.of(8)],
    reach: null,
  })
})

test('a copy in a later format is left alone: it is not damaged, and this version cannot tell what was said', () => {
  const storage = memory()
  const text = `${key('1')} anything`
  storage.setItem(lastWordsName('room', A), `3 ${bytesToHex(sha256(utf8ToBytes(text)))} ${text}`)
  const { load } = createLastWords(() => storage, 'room', A)
  expect(() => load(key('1'))).toThrow(expect.objectContaining({ code: 'newerFormat' }))
  expect(storage.entries.size).toBe(1)
})

test('where the page may keep nothing, nothing is loaded', () => {
  const denied = () => {
    throw new Error('denied')
  }
  expect(createLastWords(denied, 'room', A).load(key('1'))).toEqual(nothingSaid)
})

test('a timer that comes late is told before it counts', async () => {
  const { engine, log, clock } = await founder()
  engine.put({ kind: 'peerDown', peer: B })
  engine.put({ kind: 'submit', transactions: [Uint8Array.of(1)] })
  await engine.settled()
  log.length = 0
  clock.ms += 100
  vi.runOnlyPendingTimers()
  expect(log).toEqual([])
  await engine.settled()
  engine.put({ kind: 'submit', transactions: [Uint8Array.of(1)] })
  await engine.settled()
  clock.ms += STALL_MS
  vi.runOnlyPendingTimers()
  expect(log).toEqual(['stalled'])
})
