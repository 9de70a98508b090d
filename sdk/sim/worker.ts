/** One process of `runAll`. */
import { runSeed, type ToWorker } from './workers.ts'

process.on('message', ({ plan, seed }: ToWorker) => {
  process.send?.(runSeed(plan, seed))
})
