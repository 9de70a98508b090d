/** One process of `runAll`. It ends when nobody asks it for more; an interruption is its parent's to handle. */
import { runSeed, type ToWorker } from './run-seed.ts'

process.on('SIGINT', () => {})
process.on('message', async ({ plan, seed }: ToWorker) => {
  process.send?.(await runSeed(plan, seed))
})
