/**
 * Virtual time: actions in order of their time, those of one instant in the order they were asked for. Promises take
 * no virtual time, and settle in the order they were handed over: a run stays one sequence of actions.
 */
import TinyQueue from 'tinyqueue'

export interface Engine {
  /** Milliseconds since the start of the run. */
  now(): number
  /** A time in the past means now. Returns what takes the action back. */
  at(timeMs: number, action: () => void): () => void
  after(delayMs: number, action: () => void): () => void
  /** The clock stands still until `pending` settles, then `action` runs, ahead of all that is on the clock. */
  settle<T>(pending: Promise<T>, action: (value: T) => void): void
  /** Runs until nothing is left, the time is up, `stop` says so, or more than `actionsMax` actions ran. */
  run(untilMs: number, actionsMax: number, stop: () => boolean): Promise<'idle' | 'time' | 'stopped' | 'actions'>
  /** Actions run so far. */
  actions(): number
}

interface Scheduled {
  readonly timeMs: number
  readonly order: number
  action: (() => void) | null
}

export function createEngine(): Engine {
  const queue = new TinyQueue<Scheduled>([], (a, b) => a.timeMs - b.timeMs || a.order - b.order)
  const settling: (() => Promise<void>)[] = []
  let nowMs = 0
  let order = 0
  let actions = 0

  function at(timeMs: number, action: () => void): () => void {
    const scheduled: Scheduled = { timeMs: Math.max(timeMs, nowMs), order: order++, action }
    queue.push(scheduled)
    return () => {
      scheduled.action = null
    }
  }

  return {
    now: () => nowMs,
    at,
    after: (delayMs, action) => at(nowMs + delayMs, action),
    settle: (pending, action) => void settling.push(async () => action(await pending)),
    actions: () => actions,
    async run(untilMs, actionsMax, stop) {
      for (;;) {
        for (let next = settling.shift(); next !== undefined; next = settling.shift()) {
          await next()
          if (stop()) return 'stopped'
        }
        const next = queue.peek()
        if (next === undefined) return 'idle'
        if (next.action === null) {
          queue.pop()
          continue
        }
        if (next.timeMs > untilMs) {
          nowMs = untilMs
          return 'time'
        }
        if (actions >= actionsMax) return 'actions'
        queue.pop()
        nowMs = next.timeMs
        actions++
        next.action()
        if (stop()) return 'stopped'
      }
    },
  }
}
