import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createRealParty } from '../../test/coin-party.ts'
import { MAX_WAITING_PER_SENDER } from '../core/gossip/admission.ts'
import type { EventContent, GossipEvent } from '../core/gossip/event.ts'
import type { Output } from '../core/io.ts'
import type { Genesis } from '../core/section/block.ts'
import { createMemoryStore, type Store, StoreError } from '../store/index.ts'
import { createHashing, encodeEvent, type PeerMessage, type SealedEvent } from '../wire/index.ts'
import { type Engine, SAVE_AFTER_MS, startEngine } from './engine.ts'

const key = (name: string) => name.repeat(64)
const A = key('a')
const B = key('b')
const hashing = createHashing()
const genesisOf = (...founders: string[]): Genesis => ({
  ...{ founders, createdAtMs: 0, salt: key('0'), previousSection: null, maxVoters: 1 },
})
const alone = genesisOf(A)
/** A lone voter says it with one event, and decides with the next. */
function submit(engine: Engine): void {
  engine.put({ kind: 'submit', transactions: [new Uint8Array([1, 2, 3])] })
}

/** Submits, and says what decides it. */
async function decide(engine: Engine): Promise<void> {
  submit(engine)
  await engine.settled()
  engine.put({ kind: 'timer' })
  await engine.settled()
}

// Timers stand still: nothing but inputs makes an engine act.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())
const turn = () => new Promise((resolve) => setImmediate(resolve))

interface Rig {
  readonly engine: Engine
  /** In order: `sign`, `write 1`, `written`, `send events`, `report 0`, `failed`. */
  readonly log: string[]
  readonly sent: PeerMessage[]
  readonly outputs: Output[]
}

interface RigOptions {
  readonly store?: Store
  readonly genesis?: Genesis
  readonly disk?: () => Promise<void>
}

async function rig({
  store = createMemoryStore(),
  genesis = alone,
  disk = async () => {},
}: RigOptions = {}): Promise<Rig> {
  const log: string[] = []
  const sent: PeerMessage[] = []
  const outputs: Output[] = []
  let clockMs = 1_000
  const nowMs = () => {
    clockMs += 10
    return clockMs
  }
  const engine = await startEngine({
    identity: {
      peer: A,
      createCoin: () => createRealParty(A).coin,
      sign: async (bytes) => {
        log.push('sign')
        return new Uint8Array(64).fill(bytes[0] ?? 0)
      },
    },
    ...{ genesis, hashing, nowMs },
    store: {
      ...store,
      append: async (events, values) => {
        log.push(`write ${events.length}`)
        await disk()
        await store.append(events, values)
        log.push('written')
      },
    },
    send: (_to, message) => {
      log.push(`send ${message.kind}`)
      sent.push(message)
    },
    report: (output) => {
      log.push(`report ${output.blocks.length}`)
      outputs.push(output)
    },
    stalled: () => void log.push('stalled'),
    failed: (error) => void log.push(`failed ${error instanceof Error ? error.message : error}`),
  })
  return { engine, log, sent, outputs }
}

/** Starts, has a neighbour, and forgets what that took. */
async function running(options: RigOptions = {}): Promise<Rig> {
  const started = await rig(options)
  started.engine.start()
  started.engine.put({ kind: 'peerUp', peer: B })
  await started.engine.settled()
  started.log.length = 0
  started.sent.length = 0
  return started
}

/** An event of B's in a section of A and B. */
function sealedByB(changes: Partial<EventContent> = {}): SealedEvent {
  const sectionId = hashing.genesis(genesisOf(A, B))
  const content = {
    ...{ sectionId, creator: B, seq: 0, selfParent: null, otherParents: [], createdAtMs: 5 },
    ...{ attest: { height: 0, blockHash: sectionId }, body: { transactions: [], observations: [] }, ...changes },
  }
  const { id, header, body } = encodeEvent(content)
  return { event: { ...content, id }, header, body, signature: new Uint8Array(64) }
}

/** A gate: what waits for it goes on once it is opened. */
function gate() {
  let open: () => void = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open: () => open(), wait: () => opened }
}

const eventsIn = (messages: readonly PeerMessage[]): GossipEvent[] =>
  messages.flatMap((message) => (message.kind === 'events' ? message.events.map(({ event }) => event) : []))

describe('signed, then durable, then sent, then told', () => {
  const told = ['send events', 'report 0']

  test('an own event', async () => {
    const { engine, log } = await running()
    submit(engine)
    await engine.settled()
    expect(log).toEqual(['sign', 'write 1', 'written', ...told])
  })

  test('nothing is sent or told while the disk is busy', async () => {
    const { open, wait } = gate()
    const { engine, log } = await running({ disk: wait })
    submit(engine)
    await turn()
    expect(log).toEqual(['sign', 'write 1'])
    open()
    await engine.settled()
    expect(log.slice(2)).toEqual(['written', ...told])
  })

  test('what an own event descends from is durable before it, too', async () => {
    const { open, wait } = gate()
    const { engine, log } = await running({ genesis: genesisOf(A, B), disk: wait })
    engine.putEvents(B, [sealedByB()], false)
    await turn()
    vi.advanceTimersByTime(SAVE_AFTER_MS)
    await turn()
    expect(log).toEqual(['report 0', 'write 1'])
    submit(engine)
    await turn()
    expect(log.slice(2)).toEqual(['sign'])
    open()
    await engine.settled()
    expect(log.slice(3)).toEqual(['written', 'write 1', 'written', ...told])
  })

  test('what others say is written with the own event that follows it', async () => {
    const { engine, log } = await running({ genesis: genesisOf(A, B) })
    engine.putEvents(B, [sealedByB()], false)
    await turn()
    expect(log).toEqual(['report 0'])
    submit(engine)
    await engine.settled()
    expect(log.slice(1)).toEqual(['sign', 'write 2', 'written', ...told])
  })

  test('what others say is written at the latest when the engine stops', async () => {
    const { engine, log } = await running({ genesis: genesisOf(A, B) })
    engine.putEvents(B, [sealedByB()], false)
    await engine.stop()
    expect(log).toEqual(['report 0', 'write 1', 'written'])
  })

  test('what is submitted together is said together', async () => {
    const { engine, sent } = await running()
    submit(engine)
    submit(engine)
    await engine.settled()
    expect(eventsIn(sent).map(({ body }) => body.transactions.length)).toEqual([2])
  })

  test('what arrives together is written together', async () => {
    const { engine, log } = await running({ genesis: genesisOf(A, B) })
    for (const name of ['x', 'y']) engine.put({ kind: 'vote', value: new TextEncoder().encode(name) })
    engine.putEvents(B, [sealedByB()], false)
    await engine.settled()
    expect(log.filter((line) => line.startsWith('write '))).toHaveLength(1)
  })

  test('the signature that is sent is the one that is kept', async () => {
    const store = createMemoryStore()
    const { engine, sent } = await running({ store })
    submit(engine)
    await engine.settled()
    const [message] = sent
    const [stored] = (await store.load()).events
    if (message?.kind !== 'events') throw new Error('no events were sent')
    expect(stored?.id).toBe(message.events[0]?.event.id)
    expect(Buffer.from(stored?.bytes ?? []).subarray(-64)).toEqual(Buffer.from(message.events[0]?.signature ?? []))
  })
})

describe('when the store fails', () => {
  const broken = async () => {
    throw new StoreError('quota', 'the disk is full')
  }

  test('nothing is sent or told, the failure is, and nothing is done any more', async () => {
    const { engine, log } = await running({ disk: broken })
    submit(engine)
    await turn()
    expect(log.slice(0, 2)).toEqual(['sign', 'write 1'])
    expect(new Set(log.slice(2))).toEqual(new Set(['failed the disk is full']))
    const before = log.length
    submit(engine)
    engine.put({ kind: 'peerUp', peer: key('c') })
    await turn()
    expect(log).toHaveLength(before)
  })

  test("it fails as well when only others' events could not be kept", async () => {
    const { engine, log } = await running({ genesis: genesisOf(A, B), disk: broken })
    engine.putEvents(B, [sealedByB()], false)
    await turn()
    vi.advanceTimersByTime(SAVE_AFTER_MS)
    await turn()
    expect(log).toContain('failed the disk is full')
  })

  test('it does not start from a store that cannot be read', async () => {
    const failing = { ...createMemoryStore(), load: broken }
    await expect(rig({ store: failing })).rejects.toMatchObject({ code: 'quota' })
  })
})

describe('after a restart from the store', () => {
  async function restarted(): Promise<{ before: Rig; after: Rig }> {
    const store = createMemoryStore()
    const before = await running({ store })
    await decide(before.engine)
    await before.engine.stop()
    return { before, after: await rig({ store }) }
  }

  test('the blocks are the same, and told once the engine starts', async () => {
    const { before, after } = await restarted()
    expect(after.log).toEqual([])
    after.engine.start()
    await after.engine.settled()
    expect(after.outputs.flatMap(({ blocks }) => blocks)).toEqual(before.outputs.flatMap(({ blocks }) => blocks))
    expect(after.engine.core.ordering.blocks).toHaveLength(1)
  })

  test('nothing that was said is contradicted: the own chain goes on where it ended', async () => {
    const { before, after } = await restarted()
    after.engine.start()
    after.engine.put({ kind: 'peerUp', peer: B })
    await decide(after.engine)
    const said = eventsIn(before.sent)
    const next = eventsIn(after.sent)
    expect([...said, ...next].map(({ seq }) => seq)).toEqual([0, 1, 2, 3])
    expect(next[0]?.selfParent).toBe(said.at(-1)?.id)
    expect(after.outputs.flatMap(({ evidence }) => evidence)).toEqual([])
  })

  test('what was durable and never sent is there for whoever asks, with its signature', async () => {
    const { before, after } = await restarted()
    after.engine.start()
    after.engine.put({ kind: 'peerUp', peer: B })
    after.engine.put({ kind: 'message', from: B, message: { kind: 'want', ids: [], tips: [] } })
    await after.engine.settled()
    const answers = after.sent.filter((message) => message.kind === 'events')
    expect(eventsIn(answers)).toEqual(eventsIn(before.sent))
    const [first] = await before.engine.load([answers[0]?.events[0]?.event.id ?? ''])
    expect(answers[0]?.events[0]?.signature).toEqual(first?.signature)
  })

  test('nothing is written again', async () => {
    const { after } = await restarted()
    after.engine.start()
    await after.engine.settled()
    expect(after.log.filter((line) => line.startsWith('write'))).toEqual([])
  })
})

test('after `stop` nothing is done, and what was under way is complete', async () => {
  const { open, wait } = gate()
  const { engine, log } = await running({ disk: wait })
  submit(engine)
  await turn()
  const stopped = engine.stop()
  open()
  await stopped
  expect(log.at(-1)).toBe('report 0')
  const before = log.length
  submit(engine)
  await turn()
  expect(log).toHaveLength(before)
})

test('an event that is refused leaves nothing behind', async () => {
  const { engine, outputs } = await running({ genesis: genesisOf(A, B) })
  const stranger = sealedByB({ creator: key('c') })
  engine.putEvents(B, [stranger], false)
  await engine.settled()
  expect(outputs.flatMap(({ rejections }) => rejections)).toMatchObject([{ reason: 'notAMember' }])
  expect(engine.knows(stranger.event.id)).toBe(false)
})

test('an event that waits on account of one peer survives that another one has no place left for it', async () => {
  const { engine, log } = await running({ genesis: genesisOf(A, B) })
  const parent = sealedByB()
  const child = sealedByB({ seq: 1, selfParent: parent.event.id })
  engine.putEvents(B, [child], false)
  const junk = Array.from({ length: MAX_WAITING_PER_SENDER }, (_, i) =>
    sealedByB({ seq: 1, selfParent: `${i}`.padStart(64, '0') }),
  )
  engine.putEvents(key('c'), [...junk, child], false)
  engine.putEvents(B, [parent], false)
  await engine.settled()
  expect(log.filter((line) => line.startsWith('failed'))).toEqual([])
  expect(engine.core.holds(child.event.id)).toBe(true)
})

test('an event that one peer could not complete may be completed by another in the same moment', async () => {
  const { engine, log } = await running({ genesis: genesisOf(A, B) })
  const parent = sealedByB()
  const child = sealedByB({ seq: 1, selfParent: parent.event.id })
  engine.put({ kind: 'peerUp', peer: key('c') })
  engine.putEvents(key('c'), [child], false)
  await engine.settled()
  engine.put({ kind: 'peerDown', peer: key('c') })
  engine.putEvents(B, [parent, child], false)
  await engine.settled()
  expect(log.filter((line) => line.startsWith('failed'))).toEqual([])
  expect(engine.knows(child.event.id)).toBe(true)
})

test('stops after a failure of the store', async () => {
  const store = createMemoryStore()
  const failing: Store = { ...store, append: () => Promise.reject(new StoreError('quota', 'full')) }
  const { engine, log } = await running({ store: failing })
  submit(engine)
  await engine.stop()
  expect(log.filter((line) => line.startsWith('failed'))).toHaveLength(1)
})
