/** One seed, whatever comes of it. */
import { createParsec } from '../src/core/parsec.ts'
import { type Plan, scenarioFor } from './plan.ts'
import { failedReport, type RunReport, reportOf } from './report/summary.ts'
import { simulate } from './simulate.ts'

export type ToWorker = { readonly plan: Plan; readonly seed: number }

export async function runSeed(plan: Plan, seed: number): Promise<RunReport> {
  try {
    return reportOf(await simulate(scenarioFor(plan, seed), { createCore: createParsec }))
  } catch (error) {
    return failedReport(seed, error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
}
