/** What the suites share: repeated measurements, their medians and spread, and the files they are written to. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'

/** Time of one measured piece of work; CPU time counts every thread of this process, garbage collection included. */
export interface Cost {
  readonly wallMs: number
  readonly cpuMs: number
}

export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

export function measure(work: () => void): Cost {
  globalThis.gc?.()
  const cpu = process.cpuUsage()
  const startMs = performance.now()
  work()
  return costSince(startMs, cpu)
}

export async function measureAsync(work: () => Promise<void>): Promise<Cost> {
  globalThis.gc?.()
  const cpu = process.cpuUsage()
  const startMs = performance.now()
  await work()
  return costSince(startMs, cpu)
}

function costSince(startMs: number, before: NodeJS.CpuUsage): Cost {
  const wallMs = performance.now() - startMs
  const { user, system } = process.cpuUsage(before)
  return { wallMs, cpuMs: (user + system) / 1000 }
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (position: number) => sorted[position] ?? Number.NaN
  return { median: at((sorted.length - 1) >> 1), least: at(0), most: at(sorted.length - 1) }
}

/** Of the straight line through the points that is least wrong (least squares). */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const meanX = mean(points.map(([x]) => x))
  const meanY = mean(points.map(([, y]) => y))
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  return covariance / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
}

/** `12.3 (11.9–14.0)`: median, least and most. */
export function showSpread({ median, least, most }: Spread): string {
  return `${digits(median)} (${digits(least)}–${digits(most)})`
}

/** Three significant digits, without exponents. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '–'
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

export const resultsFolder = 'bench-results'

export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
}

/** As Markdown, so that it can be copied into a document as it stands. */
export function showTable({ title, columns, rows }: Table): string {
  const lines = [columns, ...rows.map((row) => row.map(String))]
  const widths = columns.map((_, c) => Math.max(3, ...lines.map((line) => (line[c] as string).length)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, c) => cell.padEnd(widths[c] as number)).join(' | ')} |`
  const rule = line(widths.map((width) => '-'.repeat(width)))
  return [`${title}\n`, line(columns), rule, ...lines.slice(1).map(line)].join('\n')
}

export function machine() {
  return {
    date: new Date().toISOString(),
    node: process.version,
    cpus: cpus().length,
    model: cpus()[0]?.model.trim() ?? 'unknown',
    os: `${process.platform} ${release()}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    /** Above the number of CPUs, wall times say more about the neighbours than about us. */
    loadAverage: loadavg()[0],
  }
}

/** Prints what the run is about; answers with the head of its JSON file. */
export function begin(suite: string, settings: Readonly<Record<string, unknown>>) {
  const head = { suite, machine: machine(), settings }
  console.log(`${suite}: ${JSON.stringify(settings)}`)
  console.log(`machine: ${JSON.stringify(head.machine)}`)
  return head
}

/**
 * Prints the tables and writes `bench-results/<suite>.json` below the current folder, which npm sets to the repository's: the
 * head, the tables, and all that was measured. `npm run bench -- docs` takes tables from there.
 */
export function conclude(
  head: ReturnType<typeof begin>,
  tables: readonly Table[],
  results: Readonly<Record<string, unknown>>,
): void {
  for (const table of tables) console.log(`\n${showTable(table)}`)
  mkdirSync(resultsFolder, { recursive: true })
  const file = join(resultsFolder, `${head.suite}.json`)
  writeFileSync(file, `${JSON.stringify({ ...head, tables, ...results }, null, 2)}\n`)
  console.log(`\nwritten to ${file}`)
}
