/** Puts the tables of measured suites into a document, where marks ask for them. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type begin, resultsFolder, showTable, type Table } from './report.ts'

/** As `conclude` writes it, and as the signaling server's own suite does. */
export type Results = ReturnType<typeof begin> & { readonly tables: readonly Table[] }

/** `<!-- measured: SUITE -->` to `<!-- /measured -->`. */
const region = /<!-- measured: ([\w-]+) -->\n[\s\S]*?<!-- \/measured -->/g

/** Where there are no results of a suite its region stays as it is. */
export function withTables(document: string, resultsOf: (suite: string) => Results | null): string {
  return document.replace(region, (found, suite: string) => {
    const results = resultsOf(suite)
    if (results === null) return found
    return `<!-- measured: ${suite} -->\n${shown(results)}\n<!-- /measured -->`
  })
}

/** Every suite in `bench-results/` into the document of benchmarks. */
export function writeDocument(file: string): void {
  const resultsOf = (suite: string): Results | null => {
    const from = join(resultsFolder, `${suite}.json`)
    if (!existsSync(from)) {
      console.log(`${suite}: no ${from}, its tables stay as they are`)
      return null
    }
    return JSON.parse(readFileSync(from, 'utf8')) as Results
  }
  writeFileSync(file, withTables(readFileSync(file, 'utf8'), resultsOf))
  console.log(`written to ${file}`)
}

function shown({ machine, settings, tables }: Results): string {
  const { date, cpus, model, memoryGiB, os, node, loadAverage = Number.NaN } = machine
  const day = new Date(date).toLocaleString('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })
  const head =
    `Measured ${day} UTC on ${cpus} × ${model}, ${memoryGiB} GiB, ${os}, Node ${node}, load average ` +
    `${loadAverage.toFixed(1)} at the start; ${JSON.stringify(settings)}`
  return [head, ...tables.map(({ title, ...table }) => showTable({ title: `**${title}**`, ...table }))].join('\n\n')
}
