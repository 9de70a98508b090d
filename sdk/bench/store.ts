/**
 * What durability costs: append, restart, catch-up. In memory and on a simulated IndexedDB, which keeps everything in
 * memory as well: it shows our own work and the number of requests, not the speed of a disk. `npm run bench -- browser
 * --parts store` does the same in a browser.
 */
import 'fake-indexeddb/auto'
import { createMemoryStore, openIndexedDbStore, type Store } from '../src/store/index.ts'
import { encodeEvent, sealedBytes } from '../src/wire/index.ts'
import { record } from './recording.ts'
import { begin, type Cost, conclude, measureAsync, showSpread, spreadOf, type Table } from './report.ts'
import { type History, measureStore, type Work } from './store-work.ts'

export interface StoreOptions {
  readonly sizes: readonly number[]
  readonly repetitions: number
  readonly seed: number
}

const voters = 4

const subjects = {
  memory: async () => createMemoryStore(),
  'simulated IndexedDB': () => openIndexedDbStore('parsec-web-bench'),
} as const satisfies Record<string, () => Promise<Store>>

interface StoreResult {
  readonly subject: string
  readonly work: Work
  readonly events: number
  readonly repetitions: Cost[]
}

export async function benchStore(options: StoreOptions): Promise<void> {
  const head = begin('store', { ...options, voters, transactionBytes: 200 })
  const results: StoreResult[] = []
  for (const size of options.sizes) {
    const history = recordHistory(size, options.seed)
    for (let repetition = 0; repetition < options.repetitions; repetition++) {
      for (const [subject, open] of Object.entries(subjects)) {
        addTo(results, subject, await measureStore(open, history, measureAsync))
      }
    }
    console.error(`${history.stored.length} events done`)
  }
  conclude(head, [tableOf(results)], { results })
}

function addTo(results: StoreResult[], subject: string, costs: Awaited<ReturnType<typeof measureStore<Cost>>>): void {
  for (const [work, events, cost] of costs) {
    const known = results.find((r) => r.subject === subject && r.work === work && r.events === events)
    if (known) known.repetitions.push(cost)
    else results.push({ subject, work, events, repetitions: [cost] })
  }
}

/** Of four voters, 200 bytes a transaction. Signatures are not what is measured: zeroes stand for them. */
export function recordHistory(events: number, seed: number): History {
  const recording = record({ voters, events, seed })
  const stored = recording.events.map((event) => {
    const { header, body, id } = encodeEvent(event)
    return { id, bytes: sealedBytes({ header, body, signature: new Uint8Array(64) }) }
  })
  return { voters, stored, blocks: recording.blocks }
}

function tableOf(results: readonly StoreResult[]): Table {
  const rows = results.map(({ subject, work, events, repetitions }) => {
    const spread = (of: (cost: Cost) => number) => showSpread(spreadOf(repetitions.map(of)))
    return [
      ...[work, subject, events],
      ...[spread(({ cpuMs }) => cpuMs), spread(({ wallMs }) => wallMs)],
      ...[spread(({ cpuMs }) => (1000 * cpuMs) / events), spread(({ wallMs }) => (1000 * wallMs) / events)],
    ]
  })
  const columns = ['work', 'store', 'events', 'CPU ms', 'wall ms', 'CPU µs/event', 'wall µs/event']
  return { title: 'The store: median (least–most)', columns, rows }
}
