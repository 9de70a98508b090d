/**
 * What durability costs: append, restart, catch-up. In memory and on a simulated IndexedDB, which keeps everything in
 * memory as well: it shows our own work and the number of requests, not the speed of a disk.
 */
import 'fake-indexeddb/auto'
import type { GossipEvent } from '../src/core/gossip/event.ts'
import type { GossipMessage } from '../src/core/io.ts'
import { createMemoryStore, openIndexedDbStore, type Store, type StoredEvent } from '../src/store/index.ts'
import { decodeSealedEvent, encodeEvent, sealedBytes } from '../src/wire/index.ts'
import { type Recording, record } from './recording.ts'
import { begin, type Cost, measureAsync, showSpread, showTable, spreadOf, writeResults } from './report.ts'

export interface StoreOptions {
  readonly sizes: readonly number[]
  readonly repetitions: number
  readonly seed: number
}

const voters = 4
const singles = 200
const batchSize = 100

const subjects = {
  memory: async () => createMemoryStore(),
  'simulated IndexedDB': () => openIndexedDbStore('parsec-web-bench'),
} as const satisfies Record<string, () => Promise<Store>>

type SubjectName = keyof typeof subjects

const works = ['append, one by one', `append, ${batchSize} at a time`, 'restart', 'catch-up'] as const
type Work = (typeof works)[number]

interface Result {
  readonly subject: SubjectName
  readonly work: Work
  readonly events: number
  readonly repetitions: Cost[]
}

interface History {
  readonly recording: Recording
  readonly stored: readonly StoredEvent[]
}

export async function benchStore(options: StoreOptions): Promise<void> {
  const head = begin('store', { ...options, voters, transactionBytes: 200 })
  const results: Result[] = []
  for (const size of options.sizes) {
    const history = historyOf(record({ voters, events: size, seed: options.seed }))
    for (let repetition = 0; repetition < options.repetitions; repetition++) {
      for (const subject of Object.keys(subjects) as SubjectName[]) {
        for (const [work, events, cost] of await measureSubject(subject, history)) {
          const known = results.find((r) => r.subject === subject && r.work === work && r.events === events)
          if (known) known.repetitions.push(cost)
          else results.push({ subject, work, events, repetitions: [cost] })
        }
      }
    }
    console.error(`${history.stored.length} events done`)
  }
  print(results)
  writeResults('store', { ...head, results })
}

/** Signatures are not what is measured: zeroes stand for them. */
function historyOf(recording: Recording): History {
  const stored = recording.events.map((event) => {
    const { header, body, id } = encodeEvent(event)
    return { id, bytes: sealedBytes({ header, body, signature: new Uint8Array(64) }) }
  })
  return { recording, stored }
}

async function measureSubject(subject: SubjectName, history: History): Promise<[Work, number, Cost][]> {
  const { stored } = history
  const open = subjects[subject]
  const first = await open()
  const few = stored.slice(0, singles)
  const single = await measureAsync(async () => {
    for (const event of few) await first.append([event])
  })
  await first.delete()
  let store = await open()
  const batches = await measureAsync(async () => {
    for (let i = 0; i < stored.length; i += batchSize) await store.append(stored.slice(i, i + batchSize))
  })
  const restarted = await measureAsync(async () => {
    if (store.persistent) {
      await store.close()
      store = await open()
    }
    await restart(store, history.recording)
  })
  await store.delete()
  const joiner = await open()
  const caughtUp = await catchUp(joiner, history)
  await joiner.delete()
  return [
    ['append, one by one', few.length, single],
    [`append, ${batchSize} at a time`, stored.length, batches],
    ['restart', stored.length, restarted],
    ['catch-up', stored.length, caughtUp],
  ]
}

/** Reads, checks and decodes every event, then evaluates it: all that stands between opening and taking part. */
async function restart(store: Store, recording: Recording): Promise<void> {
  const { events } = await store.load()
  const core = recording.createCore('member')
  core.step({ kind: 'restore', nowMs: 0, events: events.map(({ bytes }) => decoded(bytes)) })
  if (core.status().height !== recording.blocks) throw new Error('a restart did not reach the recorded blocks')
}

/** A newcomer asks a member for everything; each answer is decoded, evaluated and stored before the next is asked for. */
async function catchUp(store: Store, { recording, stored }: History): Promise<Cost> {
  const [member, newcomer] = ['01'.repeat(32), 'ff'.repeat(32)] as const
  const source = recording.createCore('member')
  source.step({ kind: 'restore', nowMs: 0, events: recording.events })
  const bytesOf = new Map(stored.map(({ id, bytes }) => [id, bytes]))
  const target = recording.createCore('watcher')
  const cost = await measureAsync(async () => {
    const asked = [
      ...target.step({ kind: 'peerUp', nowMs: 0, peer: member }).send,
      ...source.step({ kind: 'peerUp', nowMs: 0, peer: newcomer }).send,
    ]
    for (let next = asked.shift(); next; next = asked.shift()) {
      if (next.to === member) {
        asked.push(...source.step({ kind: 'message', nowMs: 0, from: newcomer, message: next.message }).send)
        continue
      }
      const message = received(next.message, bytesOf)
      const { persist, send } = target.step({ kind: 'message', nowMs: 0, from: member, message })
      await store.append(persist.map(({ id }) => ({ id, bytes: bytesOf.get(id) as Uint8Array })))
      asked.push(...send)
    }
  })
  if (target.status().height !== recording.blocks) throw new Error('the newcomer did not reach the recorded blocks')
  return cost
}

function received(message: GossipMessage, bytesOf: ReadonlyMap<string, Uint8Array>): GossipMessage {
  if (message.kind !== 'events') return message
  return { ...message, events: message.events.map(({ id }) => decoded(bytesOf.get(id) as Uint8Array)) }
}

function decoded(bytes: Uint8Array): GossipEvent {
  const result = decodeSealedEvent(bytes)
  if ('error' in result) throw new Error(result.error.detail)
  return result.ok.event
}

function print(results: readonly Result[]): void {
  const rows = results.map(({ subject, work, events, repetitions }) => [
    work,
    subject,
    events,
    showSpread(spreadOf(repetitions.map((cost) => cost.cpuMs))),
    showSpread(spreadOf(repetitions.map((cost) => cost.wallMs))),
    showSpread(spreadOf(repetitions.map((cost) => (1000 * cost.cpuMs) / events))),
  ])
  const columns = ['work', 'store', 'events', 'CPU ms', 'wall ms', 'CPU µs/event']
  console.log(showTable({ title: 'The store: median (least–most)', columns, rows }))
}
