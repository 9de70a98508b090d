/** Spreads seeds over processes. Results come in any order; each depends on its seed alone. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
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

export const runSeed = async (plan: Plan, seed: number): Promise<RunReport> =>
  reportOf(await simulate(scenarioFor(plan, seed), { createCore: createParsec }))

export async function runAll({ plan, firstSeed, seeds, workers, onReport }: RunAllOptions): Promise<void> {
  if (workers <= 1) {
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) if (!onReport(await runSeed(plan, seed))) return
    return
  }
  let next = firstSeed
  let going = true
  const path = fileURLToPath(new URL('./worker.ts', import.meta.url))
  // Forked with this process' own Node options, hence with the same TypeScript loader.
  const children = Array.from({ length: workers }, () => fork(path))
  const served = children.map(
    (child) =>
      new Promise<void>((resolve, reject) => {
        const feed = () => {
          if (!going || next >= firstSeed + seeds) resolve()
          else child.send({ plan, seed: next++ } satisfies ToWorker)
        }
        child.on('message', (report) => {
          if (going && !onReport(report as RunReport)) going = false
          feed()
        })
        child.on('error', reject)
        child.on('exit', (code) => reject(new Error(`a worker ended with ${code}`)))
        feed()
      }),
  )
  await Promise.all(served).finally(() => {
    for (const child of children) child.kill()
  })
}
