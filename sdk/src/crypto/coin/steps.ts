/** Long computations in steps of a few milliseconds each, so that a page stays responsive while they run. */

/** Yields between two steps and returns the result. Nothing happens but in `next`. */
export type Steps<T> = Generator<undefined, T, undefined>

/** All at once. */
export function runSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

export interface Slicing {
  /** A monotonic clock in milliseconds, such as `performance.now`. */
  readonly nowMs: () => number
  /** Lets other work run, such as `scheduler.yield` or a message to oneself; not a timer, which hidden tabs throttle. */
  readonly pause: () => Promise<void>
  /** A slice ends with the first step that ends after this time, 2 by default. */
  readonly sliceMs?: number
}

/** In slices of `sliceMs` and a step, with a pause between two. */
export async function runInSlices<T>(steps: Steps<T>, { nowMs, pause, sliceMs = 2 }: Slicing): Promise<T> {
  let startedMs = nowMs()
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    if (nowMs() - startedMs < sliceMs) continue
    await pause()
    startedMs = nowMs()
  }
}
