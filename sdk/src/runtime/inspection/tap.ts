/** Tells what is new in the graph, in batches, while somebody listens; until then it costs nothing. */
import type { Hash } from '../../core/gossip/event.ts'
import type { Block } from '../../core/section/block.ts'
import type { Ordering } from '../../core/section/ordering.ts'
import type { Inspection } from './feed.ts'
import { createGraphReader, type GraphReader } from './reader.ts'

/** Of more than this, a batch holds the last: so much is kept and copied at most. */
const BATCH_EVENTS_MAX = 2_000
/** Pictures are drawn at this rate or slower. */
const BATCH_EVERY_MS = 50

export interface TapOptions {
  /** The section we are in now; null while there is none. */
  readonly home: () => {
    readonly id: Hash
    readonly engine: { readonly core: { readonly ordering: Ordering } }
  } | null
  readonly nowMs: () => number
  readonly tell: (inspection: Inspection) => void
}

export interface Tap {
  /** From now on batches are told, the first one with what there is already. Again: all anew. */
  start(): void
  stop(): void
  /** The core did something; these blocks are final since. */
  changed(blocks: readonly Block[]): void
}

export function createTap({ home, nowMs, tell }: TapOptions): Tap {
  let isOn = false
  let reader: GraphReader | null = null
  let read: Ordering | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  const finalAtMs = new Map<number, number>()

  function schedule(): void {
    timer ??= setTimeout(flush, BATCH_EVERY_MS)
  }

  function flush(): void {
    timer = undefined
    const section = home()
    if (!section) return
    const { ordering } = section.engine.core
    const reset = reader === null || read !== ordering
    if (reader === null || reset) {
      reader = createGraphReader(ordering)
      read = ordering
    }
    const { blocks, ...news } = reader.read(BATCH_EVENTS_MAX)
    const dated = blocks.map((block) => ({ ...block, finalAtMs: finalAtMs.get(block.height) ?? null }))
    finalAtMs.clear()
    if (!reset && news.events.length + dated.length === 0) return
    tell({ version: 1, sectionId: section.id, reset, blocks: dated, ...news })
  }

  function stop(): void {
    isOn = false
    reader = null
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
