/** Spreads seeds over threads. Results come in any order; each depends on its seed alone. */
import { Worker } from 'node:worker_threads'
import { createParsec } from '../src/core/parsec.ts'
import { type Plan, scenarioFor } from './plan.ts'
import { type RunReport, reportOf } from './report/summary.ts'
import { simulate } from './simulate.ts'

export type ToWorker = { readonly plan: Plan; readonly seed: number }

export interface RunAllOptions {
  readonly plan: Plan
  readonly firstSeed: number
  readonly seeds: number
  readonly workers: number
  /** Returning false ends the whole. */
  readonly onReport: (report: RunReport) => boolean
}

export async function runAll({ plan, firstSeed, seeds, workers, onReport }: RunAllOptions): Promise<void> {
  if (workers <= 1) {
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      if (!onReport(reportOf(simulate(scenarioFor(plan, seed), { createCore: createParsec })))) return
    }
    return
  }
  let next = firstSeed
  let going = true
  const threads = Array.from(
    { length: workers },
    () => new Worker(new URL('./worker.ts', import.meta.url), { execArgv: ['--import', 'tsx'] }),
  )
  await Promise.all(
    threads.map(
      (thread) =>
        new Promise<void>((resolve, reject) => {
          const feed = () => {
            if (!going || next >= firstSeed + seeds) resolve()
            else thread.postMessage({ plan, seed: next++ } satisfies ToWorker)
          }
          thread.on('message', (report: RunReport) => {
            if (going && !onReport(report)) going = false
            feed()
          })
          thread.on('error', reject)
          feed()
        }),
    ),
  ).finally(() => Promise.all(threads.map((thread) => thread.terminate())))
}
