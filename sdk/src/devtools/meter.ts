/** Counts per second of the last minutes, and what became final how fast. */
import type { Inspection } from '../index.ts'

export interface Second {
  readonly events: number
  readonly transactions: number
  readonly blocks: number
  /** Milliseconds from an event's creation, by its creator's clock, until its block was here; null where none was. */
  readonly latencyMs: number | null
  readonly links: Links
}

/** How things stood at the end of the second. */
export interface Links {
  /** Median round trip to the peers, in milliseconds; null where there is no peer. */
  readonly rttMs: number | null
  /** Voters that are reachable, ourselves included. */
  readonly reachable: number
}

export interface Meter {
  /** The oldest first; the last one is not over. */
  readonly seconds: readonly Second[]
  apply(inspection: Inspection, createdAtMs: (event: string) => number | undefined): void
  /** Begins the seconds up to now. */
  pass(nowMs: number, links: Links): void
}

const SECONDS = 120
const NOTHING: Second = { events: 0, transactions: 0, blocks: 0, latencyMs: null, links: { rttMs: null, reachable: 0 } }

export function createMeter(): Meter {
  let seconds: Second[] = [NOTHING]
  let latencies: number[] = []
  let beganAtMs: number | null = null

  const last = () => seconds.at(-1) ?? NOTHING
  const replaceLast = (second: Second) => void seconds.splice(-1, 1, second)

  return {
    get seconds() {
      return seconds
    },
    apply({ events, blocks, reset }, createdAtMs) {
      // What was there before did not happen in this second.
      if (reset) return
      for (const { finalAtMs, events: ids } of blocks) {
        for (const id of ids) {
          const created = createdAtMs(id)
          if (created !== undefined && finalAtMs !== null) latencies.push(finalAtMs - created)
        }
      }
      const now = last()
      replaceLast({
        ...now,
        events: now.events + events.length,
        transactions: now.transactions + events.reduce((sum, { transactions }) => sum + transactions, 0),
        blocks: now.blocks + blocks.length,
        latencyMs: median(latencies),
      })
    },
    pass(nowMs, links) {
      beganAtMs ??= nowMs
      replaceLast({ ...last(), links })
      // A page that slept begins anew instead of catching up.
      if (nowMs - beganAtMs > SECONDS * 1_000) beganAtMs = nowMs - 1_000
      for (; nowMs - beganAtMs >= 1_000; beganAtMs += 1_000) {
        seconds = [...seconds.slice(1 - SECONDS), NOTHING]
        latencies = []
      }
    },
  }
}

export function median(numbers: readonly number[]): number | null {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[(sorted.length - 1) >> 1] ?? null
}
