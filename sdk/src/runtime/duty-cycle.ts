/**
 * Leaves time to others. What a busy tab says one event after another costs every tab a signature, a write and a step each;
 * said together it costs little more than one of them. So whoever is at it all the time rests as long as it worked, and takes
 * what came meanwhile at once. The work is timed with what it waits for: where tabs share a core, or the disk is slow, it takes
 * longer, and all of them speak less often.
 */

/** Of the time, for work; what is over is saved up for a burst, so that a payment now and then never waits. */
export const DUTY = 0.5
export const BURST_MS = 100
/** Whatever one piece of work took. */
const LONGEST_REST_MS = 50

export interface DutyCycle {
  worked(ms: number): void
  /** Resolves when work may go on: at once, unless the burst is used up. */
  rest(): Promise<void>
}

export interface DutyCycleOptions {
  /** Monotonic, in milliseconds. */
  readonly nowMs: () => number
  readonly sleep: (ms: number) => Promise<void>
}

export function createDutyCycle({ nowMs, sleep }: DutyCycleOptions): DutyCycle {
  let budgetMs = BURST_MS
  let atMs = nowMs()

  function refill(): void {
    const now = nowMs()
    budgetMs = Math.min(BURST_MS, budgetMs + DUTY * (now - atMs))
    atMs = now
  }

  return {
    worked(ms) {
      refill()
      budgetMs = Math.max(-DUTY * LONGEST_REST_MS, budgetMs - ms)
    },
    async rest() {
      refill()
      if (budgetMs < 0) await sleep(-budgetMs / DUTY)
    },
  }
}
