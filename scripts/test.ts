/**
 * `npm test [-- SUITE…] [--long] [-u]`: the quick suites, or those named; with `--long` also what takes longer than a person
 * waits, as CI does every night. `-u` rewrites expectations. Closes with `N passed, M failed` over all suites.
 *
 * Tests run in every browser that is here; Chromium has to be. `BROWSERS=chromium,firefox` names others: then each of these
 * has to be here, and no other is tested in.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, stripVTControlCharacters } from 'node:util'
import { askedBrowsers } from './browsers.ts'
import { type EnsuredBrowser, ensureBrowsers } from './ensure-browsers.ts'
import { type Run, runNode } from './processes.ts'

interface Tally {
  readonly passed: number
  readonly failed: number
  /** Names of what failed, where the suite tells: a log that is cut off keeps its end. */
  readonly failures?: readonly string[]
  /** How many passed in which project, where the suite has several. */
  readonly projects?: ReadonlyMap<string, number>
}

interface Suite {
  readonly name: string
  /** Ends a suite that hangs; several times what it takes. */
  readonly limitMs: number
  /** Left out unless it is asked for. */
  readonly long?: true
  /** What Node is started with; null when there is nothing to run here. */
  command(): readonly string[] | null
  tally(run: Run): Tally
}

const root = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(import.meta.url)
const scratch = mkdtempSync(join(tmpdir(), 'parsec-web-test-'))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { update: { type: 'boolean', short: 'u', default: false }, long: { type: 'boolean', default: false } },
})

/** Of the random worlds, all faults mixed; some ten seconds on two idle cores. */
const simulatedSeeds = 200

const tsx = join(dirname(require.resolve('tsx/package.json')), 'dist/cli.mjs')
const playwright = join(dirname(require.resolve('@playwright/test/package.json')), 'cli.js')
const playwrightResult = join(scratch, 'playwright.json')
process.env['PLAYWRIGHT_JSON_OUTPUT_FILE'] = playwrightResult
const vitestResult = join(scratch, 'vitest.json')
const vitest = join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs')

const suites: readonly Suite[] = [
  {
    name: 'check',
    limitMs: 600_000,
    command: () => [tsx, 'scripts/check.ts'],
    tally: lastLineTally,
  },
  {
    name: 'vitest',
    limitMs: 1_200_000,
    command: () => [
      ...[vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${vitestResult}`],
      ...(values.update ? ['-u'] : []),
    ],
    tally: () => vitestTally(vitestResult),
  },
  {
    name: 'conformance',
    limitMs: 120_000,
    command: conformance,
    tally: lastLineTally,
  },
  {
    name: 'sim',
    limitMs: 600_000,
    command: () => [tsx, 'sdk/sim/cli.ts', '--seeds', String(simulatedSeeds), '--workers', '2', '--json'],
    tally: simulatorTally,
  },
  {
    name: 'e2e',
    limitMs: 2_400_000,
    command: () => [playwright, 'test', '--config', 'e2e', '--reporter=list,json', '--grep-invert', '@long'],
    tally: () => playwrightTally(playwrightResult),
  },
  {
    name: 'long',
    limitMs: 3_600_000,
    long: true,
    command: () => [
      playwright,
      'test',
      '--config',
      'e2e',
      '--reporter=list,json',
      '--grep',
      '@long',
      '--pass-with-no-tests',
    ],
    tally: () => playwrightTally(playwrightResult),
  },
]

process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
// An exit, unlike a signal's default, takes the running suite along.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))
process.chdir(root)
process.exitCode = (await main()) ? 0 : 1

async function main(): Promise<boolean> {
  const unknown = positionals.filter((name) => !suites.some((suite) => suite.name === name))
  if (unknown.length > 0) throw new Error(`no such suite: ${unknown.join(', ')}`)
  const browsers = await ensureBrowsers()
  const wanting = (askedBrowsers() ?? ['chromium']).filter((name) => !isHere(browsers, name))
  console.log(inWords(browsers))
  if (wanting.length > 0) {
    console.error(`Without ${wanting.join(' and ')} there is no testing here: mend that and run this again.`)
    return false
  }
  process.env['BROWSERS'] = browsers
    .filter(({ version }) => version !== null)
    .map(({ name }) => name)
    .join(',')
  const rows: (Tally & { name: string; seconds: string })[] = []
  for (const suite of suites.filter(isChosen)) {
    const command = suite.command()
    if (command === null) continue
    console.log(`\n== ${suite.name}`)
    const started = performance.now()
    const tally = judge(suite, await runNode(command, suite.limitMs))
    rows.push({ name: suite.name, ...tally, seconds: ((performance.now() - started) / 1000).toFixed(1) })
  }
  console.log()
  for (const { name, passed, failed, failures, projects, seconds } of rows) {
    console.log(`${failed === 0 ? 'ok  ' : 'FAIL'} ${name}: ${passed} passed, ${failed} failed (${seconds} s)`)
    if (projects) console.log(`     ${[...projects].map(([project, count]) => `${count} in ${project}`).join(', ')}`)
    for (const failure of failures ?? []) console.log(`     ${failure}`)
  }
  console.log(inWords(browsers))
  const passed = rows.reduce((sum, row) => sum + row.passed, 0)
  const failed = rows.reduce((sum, row) => sum + row.failed, 0)
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0
}

function isHere(browsers: readonly EnsuredBrowser[], name: string): boolean {
  return browsers.some((browser) => browser.name === name && browser.version !== null)
}

/** Which browsers tests run in, and why not in the others. */
function inWords(browsers: readonly EnsuredBrowser[]): string {
  return browsers
    .map(({ name, version, reason }) =>
      version === null ? `     ${name}: LEFT OUT, ${reason}` : `     ${name} ${version}`,
    )
    .join('\n')
}

function isChosen({ name, long }: Suite): boolean {
  if (positionals.includes(name)) return true
  return long ? values.long : positionals.length === 0
}

/** A suite that ran nothing, or that ended badly without naming a failure, has failed. */
function judge(suite: Suite, run: Run): Tally {
  const tally = readable(suite, run)
  const silent = tally.failed === 0 && (run.code !== 0 || tally.passed === 0)
  return silent ? { ...tally, failed: 1 } : tally
}

function readable(suite: Suite, run: Run): Tally {
  try {
    return suite.tally(run)
  } catch (error) {
    console.error(`${suite.name} left no result: ${error instanceof Error ? error.message : String(error)}`)
    return { passed: 0, failed: 1 }
  }
}

function lastLineTally({ output }: Run): Tally {
  const match = output.trimEnd().match(/(\d+) passed, (\d+) failed$/)
  if (!match) throw new Error('its output does not end with a tally')
  return { passed: Number(match[1]), failed: Number(match[2]) }
}

function vitestTally(file: string): Tally {
  const result: {
    numPassedTests: number
    numFailedTests: number
    testResults: {
      name: string
      status: string
      message: string
      assertionResults: { status: string; fullName: string; failureMessages: string[] }[]
    }[]
  } = JSON.parse(readFileSync(file, 'utf8'))
  // A file that cannot be loaded fails without a test of its own.
  const broken = result.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
  const failures = [
    ...broken.map(({ name, message }) => summary(name, message)),
    ...result.testResults.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === 'failed')
        .map(({ fullName, failureMessages }) => summary(`${name} ${fullName}`, failureMessages[0])),
    ),
  ]
  return { passed: result.numPassedTests, failed: result.numFailedTests + broken.length, failures }
}

function playwrightTally(file: string): Tally {
  const result: {
    stats: { expected: number; unexpected: number; flaky: number }
    errors: { message?: string }[]
    suites?: PlaywrightSuite[]
  } = JSON.parse(readFileSync(file, 'utf8'))
  const { expected, unexpected, flaky } = result.stats
  const specs = (result.suites ?? []).flatMap(specsOf)
  const failures = [
    ...result.errors.map(({ message }) => summary('playwright', message)),
    ...specs.filter(({ ok }) => !ok).map(failureOf),
  ]
  const projects = new Map<string, number>()
  for (const { tests } of specs) {
    for (const { projectName, status } of tests) {
      projects.set(projectName, (projects.get(projectName) ?? 0) + (status === 'expected' ? 1 : 0))
    }
  }
  return { passed: expected, failed: unexpected + flaky + result.errors.length, failures, projects }
}

interface PlaywrightSuite {
  readonly suites?: readonly PlaywrightSuite[]
  readonly specs?: readonly PlaywrightSpec[]
}

interface PlaywrightSpec {
  readonly title: string
  readonly file: string
  readonly ok: boolean
  readonly tests: readonly {
    projectName: string
    status: string
    results: readonly { error?: { message?: string } }[]
  }[]
}

function specsOf({ suites = [], specs = [] }: PlaywrightSuite): PlaywrightSpec[] {
  return [...specs, ...suites.flatMap(specsOf)]
}

function failureOf({ file, title, tests }: PlaywrightSpec): string {
  const failed = tests.find(({ status }) => status !== 'expected' && status !== 'skipped')
  return summary(`${file} ${title} (${failed?.projectName})`, failed?.results[0]?.error?.message)
}

function summary(name: string, message = ''): string {
  return `${name.replace(root, '')}: ${stripVTControlCharacters(message).split('\n', 1)[0]}`
}

function simulatorTally({ output }: Run): Tally {
  const summary: { seeds: number; failing_seeds: number[] } = JSON.parse(output.trimEnd().split('\n').at(-1) ?? '')
  return { passed: summary.seeds - summary.failing_seeds.length, failed: summary.failing_seeds.length }
}

/** Recorded graphs of the reference implementation lie beside a checkout, where there are any. */
function conformance(): readonly string[] | null {
  const vectors = join(root, '../shared/conformance')
  if (existsSync(vectors)) return [tsx, 'sdk/conformance/cli.ts', vectors]
  console.log('\n== conformance: no vectors beside this checkout, nothing to replay')
  return null
}
