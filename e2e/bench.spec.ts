/** The benchmark in browsers, small: that it measures what it says. How fast anything is, it does not say. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@playwright/test'
import { findFirefox } from '../scripts/browsers.ts'
import { runNode } from '../scripts/processes.ts'
import type { Results } from '../sdk/bench/documents.ts'
import type { Run } from './bench/run.ts'

interface PartResults {
  readonly runs: readonly Run[]
  readonly failures: readonly unknown[]
}

const tsx = join(dirname(createRequire(import.meta.url).resolve('tsx/package.json')), 'dist/cli.mjs')
const program = fileURLToPath(new URL('bench/cli.ts', import.meta.url))
const limitMs = 900_000

test('every part of the benchmark comes to tables, with payments from every subject in every tab', {
  tag: '@long',
}, async () => {
  test.setTimeout(limitMs)
  const folder = mkdtempSync(join(tmpdir(), 'parsec-web-bench-'))
  const before = process.cwd()
  try {
    // Results go below the current folder.
    process.chdir(folder)
    expect((await runNode([tsx, program, '--quick'], limitMs)).code).toBe(0)
    const parts = ['tabs', 'members', ...(findFirefox() === null ? [] : ['mixed'])]
    for (const part of parts) {
      const { tables, runs, failures } = read<PartResults>(folder, `browser-${part}`)
      expect(failures, part).toEqual([])
      expect(tables.map(({ rows }) => rows.length)).not.toContain(0)
      for (const { measured, ...run } of runs) {
        for (const { rate, phase } of measured) {
          const about = `${part}, ${run.subject}, ${rate}`
          if (rate === 'idle') expect(phase.eventsPerSecond, about).toBe(0)
          expect(phase.unsettled, about).toBe(0)
        }
        const inEveryTab = measured.map(({ phase }) => Math.min(...phase.deliveredPerSecond))
        expect(Math.max(...inEveryTab), `${part}, ${run.subject}`).toBeGreaterThan(0)
      }
    }
    const { tables } = read(folder, 'browser-store')
    expect(tables.map(({ rows }) => rows.length)).toEqual([8])
  } finally {
    process.chdir(before)
    rmSync(folder, { recursive: true, force: true })
  }
})

function read<Rest>(folder: string, suite: string): Results & Rest {
  return JSON.parse(readFileSync(join(folder, 'bench-results', `${suite}.json`), 'utf8')) as Results & Rest
}
