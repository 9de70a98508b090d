/**
 * Spreads seeds over processes. Results come in any order; each depends on its seed alone. The processes run the
 * simulator as one file of plain JavaScript: loaded module by module as TypeScript a seed costs a fifth more.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Plan } from './plan.ts'
import { failedReport, type RunReport } from './report/summary.ts'
import { runSeed, type ToWorker } from './run-seed.ts'

export interface RunAllOptions {
  readonly plan: Plan
  readonly firstSeed: number
  readonly seeds: number
  readonly workers: number
  /** Returning false ends the whole. */
  readonly onReport: (report: RunReport) => boolean
}

/** So many seeds are through before another process has started. */
const seedsInPlaceMax = 4

export async function runAll(options: RunAllOptions): Promise<void> {
  const { plan, firstSeed, seeds, onReport } = options
  if (seeds <= seedsInPlaceMax) {
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) if (!onReport(await runSeed(plan, seed))) return
    return
  }
  const directory = mkdtempSync(join(tmpdir(), 'parsec-sim-'))
  try {
    const path = join(directory, 'worker.mjs')
    await bundle(path)
    await serveAll(path, options)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function bundle(outfile: string): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL('./worker.ts', import.meta.url))],
    ...{ outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20', sourcemap: 'inline' },
    logLevel: 'error',
  })
}

/** A process that dies fails its seed, and another one goes on. */
async function serveAll(path: string, { plan, firstSeed, seeds, workers, onReport }: RunAllOptions): Promise<void> {
  let next = firstSeed
  let going = true
  const running = new Set<ChildProcess>()

  const serve = () =>
    new Promise<void>((resolve, reject) => {
      const child = fork(path, { execArgv: ['--enable-source-maps'] })
      running.add(child)
      let seed: number | null = null
      const feed = () => {
        seed = going && next < firstSeed + seeds ? next++ : null
        if (seed === null) child.disconnect()
        else child.send({ plan, seed } satisfies ToWorker)
      }
      child.on('message', (report) => {
        if (going && !onReport(report as RunReport)) going = false
        feed()
      })
      child.on('error', reject)
      child.on('exit', (code, signal) => {
        running.delete(child)
        if (seed === null || !going) resolve()
        else {
          if (!onReport(failedReport(seed, `its process ended with ${signal ?? code}`))) going = false
          serve().then(resolve, reject)
        }
      })
      feed()
    })

  const served = Array.from({ length: Math.max(1, workers) }, serve)
  await Promise.all(served).finally(() => {
    for (const child of running) child.kill()
  })
}
