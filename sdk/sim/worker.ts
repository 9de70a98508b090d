/** One thread of `runAll`. */
import { parentPort } from 'node:worker_threads'
import { createParsec } from '../src/core/parsec.ts'
import { scenarioFor } from './plan.ts'
import { reportOf } from './report/summary.ts'
import { simulate } from './simulate.ts'
import type { ToWorker } from './workers.ts'

parentPort?.on('message', ({ plan, seed }: ToWorker) => {
  parentPort?.postMessage(reportOf(simulate(scenarioFor(plan, seed), { createCore: createParsec })))
})
