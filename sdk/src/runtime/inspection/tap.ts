/** Tells what is new in the graph, in batches, while somebody listens; until then it costs nothing. */
import type { EventId, Hash } from '../../core/gossip/event.ts'
import type { Block } from '../../core/section/block.ts'
import type { Ordering } from '../../core/section/ordering.ts'
import type { Load } from '../stored-block.ts'
import type { Inspection } from './feed.ts'
import { createGraphReader, type Details, detailsOf, type GraphReader } from './reader.ts'

/** Of more than this, a batch holds the last: so much is kept and copied at most. */
const BATCH_EVENTS_MAX = 2_000
/** Pictures are drawn at this rate or slower. */
const BATCH_EVERY_MS = 50
/** Events whose content is in memory at the same time to be described. */
const READ_AT_ONCE = 64

export interface TapOptions {
  /** The section we are in now; null while there is none. */
  readonly home: () => {
    readonly id: Hash
    readonly engine: { readonly core: { readonly ordering: Ordering }; readonly load: Load }
  } | null
  readonly nowMs: () => number
  readonly tell: (inspection: Inspection) => void
  /** What was to be told could not be read. */
  readonly failed: (error: unknown) => void
}

export interface Tap {
  /** From now on batches are told, the first one with what there is already. Again: all anew. */
  start(): void
  stop(): void
  /** The core did something; these blocks are final since. */
  changed(blocks: readonly Block[]): void
}

export function createTap({ home, nowMs, tell, failed }: TapOptions): Tap {
  let isOn = false
  let reader: GraphReader | null = null
  let read: Ordering | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let reading: symbol | null = null
  const finalAtMs = new Map<number, number>()

  function schedule(): void {
    timer ??= setTimeout(() => void flush().catch(failed), BATCH_EVERY_MS)
  }

  async function flush(): Promise<void> {
    const section = home()
    const mine = Symbol('batch')
    reading = mine
    if (section) await prepare(section, () => reading === mine)
    if (reading !== mine) return
    reading = null
    timer = undefined
  }

  /** Reads what only the store has, until everything is at hand at the same moment, and tells it. */
  async function prepare({ id, engine }: NonNullable<ReturnType<TapOptions['home']>>, isWanted: () => boolean) {
    const { ordering } = engine.core
    const reset = reader === null || read !== ordering
    const current = reader !== null && read === ordering ? reader : createGraphReader(ordering)
    reader = current
    read = ordering
    const details = new Map<EventId, Details>()
    for (;;) {
      const lacking = current.lacking(BATCH_EVENTS_MAX).filter((event) => !details.has(event))
      if (lacking.length === 0) break
      for (const { event } of await engine.load(lacking.slice(0, READ_AT_ONCE))) details.set(event.id, detailsOf(event))
      if (!isWanted()) return
    }
    const { blocks, ...news } = current.read(BATCH_EVENTS_MAX, details)
    const dated = blocks.map((block) => ({ ...block, finalAtMs: finalAtMs.get(block.height) ?? null }))
    finalAtMs.clear()
    if (!reset && news.events.length + dated.length === 0) return
    tell({ version: 1, sectionId: id, reset, blocks: dated, ...news })
  }

  function stop(): void {
    isOn = false
    reader = null
    reading = null
    clearTimeout(timer)
    timer = undefined
    finalAtMs.clear()
  }

  return {
    start() {
      stop()
      isOn = true
      schedule()
    },
    stop,
    changed(blocks) {
      if (!isOn) return
      for (const { height } of blocks) finalAtMs.set(height, nowMs())
      schedule()
    },
  }
}
