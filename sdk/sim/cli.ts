/** npm run sim: many seeds, a summary, and for a failure the one command that replays it. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createParsec } from '../src/core/parsec.ts'
import { type Command, parseCommand, usage } from './arguments.ts'
import { runExhaust } from './exhaust/run.ts'
import { runMutants } from './mutants/run.ts'
import { scenarioFor } from './plan.ts'
import { graphDot } from './report/dot.ts'
import { createTally, type RunReport, reportOf, summaryText } from './report/summary.ts'
import type { Scenario } from './scenario.ts'
import { shrink } from './shrink.ts'
import { simulate } from './simulate.ts'
import { runStall } from './stall/run.ts'
import { runAll } from './workers.ts'

type Run = Extract<Command, { kind: 'run' }>

/** The runs' own cost, for the progress line only: nothing simulated reads it. */
const progressEveryMs = 2000
const shrinkTriesMax = 1500

const runOne = (scenario: Scenario) => simulate(scenario, { createCore: createParsec })

/** With a plus sign where the sources were changed since. */
function commit(): string {
  const git = (...args: readonly string[]) =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', 'sdk') === '' ? '' : '+'}`
  } catch {
    return 'unknown'
  }
}

function explain(command: Run, report: RunReport, at: string): void {
  for (const { checker, atMs, detail } of report.violations)
    console.log(`\nVIOLATION of ${checker} at ${Math.round(atMs)} ms: ${detail}`)
  console.log(`  seed ${report.seed}, commit ${at}, trace ${report.traceHash}`)
  console.log(`  replay: npm run sim -- ${[command.replay, `--seed ${report.seed}`].join(' ').trim()}`)
}

/** Of the first failure, or of the one run that a picture was asked of. */
async function afterwards(command: Run, failed: Scenario): Promise<void> {
  let scenario = failed
  if (command.shrinkFile !== null) {
    const onProgress = (smaller: Scenario, tries: number) =>
      console.log(
        `  ${tries} tries: ${smaller.peers} peers, ${smaller.submissions.length} submissions, ${smaller.faults.length} faults`,
      )
    const failureOf = async (one: Scenario) => (await runOne(one)).violations[0]?.checker ?? null
    scenario = await shrink(failed, { failureOf, triesMax: shrinkTriesMax, onProgress })
    writeFileSync(command.shrinkFile, `${JSON.stringify(scenario, null, 2)}\n`)
    console.log(`  shrunk to ${command.shrinkFile}; replay: npm run sim -- --scenario ${command.shrinkFile}`)
  }
  const result = await runOne(scenario)
  const dotFile = command.dotFile ?? join('test-results', `sim-${scenario.seed}.dot`)
  mkdirSync(dirname(dotFile), { recursive: true })
  writeFileSync(dotFile, graphDot(result.events(), result.nameOf))
  console.log(`  graph: ${dotFile}`)
}

async function runCommand(command: Run): Promise<number> {
  const { plan, firstSeed, seeds, workers } = command
  const tally = createTally()
  const at = commit()
  const startedMs = performance.now()
  const secondsUntil = (ms: number) => Math.round((ms - startedMs) / 1000)
  const total = seeds > 1e12 ? '' : ` of ${seeds}`
  let done = 0
  let failed = 0
  let only: RunReport | null = null
  let firstFailed: Scenario | null = null
  let lastShownMs = startedMs
  let isInterrupted = false
  const scenarioOf = (seed: number): Scenario =>
    command.scenarioFile === null
      ? scenarioFor(plan, seed)
      : (JSON.parse(readFileSync(command.scenarioFile, 'utf8')) as Scenario)

  const onReport = (report: RunReport): boolean => {
    tally.add(report)
    done++
    only = done === 1 ? report : null
    if (report.violations.length > 0) {
      failed++
      explain(command, report, at)
      firstFailed ??= scenarioOf(report.seed)
    }
    const nowMs = performance.now()
    if (nowMs - lastShownMs > progressEveryMs) {
      lastShownMs = nowMs
      const rate = ((1000 * done) / (nowMs - startedMs)).toFixed(1)
      console.error(`${done}${total} seeds from ${firstSeed} on, ${failed} failed, ${rate}/s, ${secondsUntil(nowMs)} s`)
    }
    return !isInterrupted && !(command.untilFailure && report.violations.length > 0)
  }

  // What was done until then is said all the same.
  const interrupt = () => {
    isInterrupted = true
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt)
  if (command.scenarioFile !== null) onReport(reportOf(await runOne(scenarioOf(0))))
  else await runAll({ plan, firstSeed, seeds, workers, onReport })
  const single = only as RunReport | null
  if (single !== null) console.log(`trace ${single.traceHash}`)
  if (firstFailed !== null && !isInterrupted) await afterwards(command, firstFailed)
  else if (single !== null && command.dotFile !== null) await afterwards(command, scenarioOf(firstSeed))
  const summary = { commit: at, first_seed: firstSeed, seconds: secondsUntil(performance.now()), ...tally.summary() }
  console.log(`commit ${at}, seeds from ${firstSeed} on, in ${summary.seconds} s`)
  console.log(summaryText(summary))
  if (command.json) console.log(JSON.stringify(summary))
  return summary.violations === 0 ? 0 : 1
}

async function main(): Promise<number> {
  const command = parseCommand(process.argv.slice(2))
  if (command.kind === 'help') {
    console.log(usage)
    return 0
  }
  if (command.kind === 'exhaust') return runExhaust()
  if (command.kind === 'stall') return runStall(command)
  if (command.kind === 'mutants') return runMutants(command.seeds, command.only)
  return runCommand(command)
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  return 2
})
