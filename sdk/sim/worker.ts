/** One process of `runAll`. */
import { runSeed, type ToWorker } from './workers.ts'

process.on('message', async ({ plan, seed }: ToWorker) => {
  process.send?.(await runSeed(plan, seed))
})
