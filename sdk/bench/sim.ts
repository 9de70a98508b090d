/** Finality in one-way delays, by the simulator's own scenarios and metrics. */

import type { DelayModel } from '../sim/network/delay.ts'
import { scenarioFor } from '../sim/plan.ts'
import { reportOf, type Summary, summarize } from '../sim/report/summary.ts'
import { defaultSettings, type Settings } from '../sim/scenarios/settings.ts'
import { simulate } from '../sim/simulate.ts'
import type { Load } from '../sim/workload.ts'
import { createParsec } from '../src/core/parsec.ts'
import { begin, conclude, digits, measureAsync, type Spread, showSpread, spreadOf, type Table } from './report.ts'

export interface SimOptions {
  /** Runs of each row; the larger sections take fewer. */
  readonly seeds: number
  readonly seed: number
}

interface Weather {
  readonly peers: number
  readonly delay: DelayModel
  readonly load: Load
  readonly crashed: number
  readonly lossRate: number
}

interface Row {
  readonly weather: Weather
  readonly profile: Settings['profile']
  readonly seeds: number
  readonly summary: Summary
  /** Of the medians of the single runs. */
  readonly medians: Spread
  readonly cpuMsPerRun: number
}

const calm = { delay: 'uniform', load: 'sparse', crashed: 0, lossRate: 0 } as const

const weathers: readonly Weather[] = [
  { ...calm, peers: 4, delay: 'fixed', load: 'isolated' },
  { ...calm, peers: 7, delay: 'fixed', load: 'isolated' },
  { ...calm, peers: 16, delay: 'fixed', load: 'isolated' },
  { ...calm, peers: 4 },
  { ...calm, peers: 7 },
  { ...calm, peers: 16 },
  { ...calm, peers: 32 },
  { ...calm, peers: 7, load: 'dense' },
  { ...calm, peers: 7, delay: 'heavy' },
  { ...calm, peers: 7, delay: 'wan' },
  { ...calm, peers: 7, lossRate: 0.01 },
  { ...calm, peers: 7, crashed: 2 },
  { ...calm, peers: 16, crashed: 5 },
]

/** Runs cost n² and more, and a large section has more transactions in each. */
const seedsFor = ({ peers, load }: Weather, seeds: number): number =>
  Math.max(
    1,
    Math.ceil((seeds * (load === 'isolated' ? 14 : load === 'dense' ? 3 : 7)) / (peers * Math.max(1, peers / 8))),
  )

/** In δ; an isolated transaction comes every 60. */
const loadDeltaFor = ({ peers, load }: Weather): number =>
  load === 'isolated' ? 600 : load === 'dense' ? 20 : peers >= 16 ? 40 : 100

export async function benchSim({ seeds, seed }: SimOptions): Promise<void> {
  const head = begin('sim', { seeds, seed, deltaMs: defaultSettings.deltaMs })
  const rows: Row[] = []
  for (const weather of weathers) {
    for (const profile of ['section', 'classic'] as const) {
      rows.push(await run(weather, profile, seed, seedsFor(weather, seeds)))
      console.error(`${rows.length} of ${2 * weathers.length} rows`)
    }
  }
  conclude(head, [tableOf(rows)], { rows })
}

async function run(weather: Weather, profile: Settings['profile'], firstSeed: number, seeds: number): Promise<Row> {
  const settings: Settings = { ...defaultSettings, ...weather, profile, loadDelta: loadDeltaFor(weather) }
  const reports: ReturnType<typeof reportOf>[] = []
  const { cpuMs } = await measureAsync(async () => {
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      reports.push(
        reportOf(await simulate(scenarioFor({ kind: 'settings', settings }, seed), { createCore: createParsec })),
      )
    }
  })
  const medians = spreadOf(reports.map((report) => summarize([report]).finality_delta.p50))
  return { weather, profile, seeds, summary: summarize(reports), medians, cpuMsPerRun: cpuMs / seeds }
}

function tableOf(rows: readonly Row[]): Table {
  const cells = rows.map(({ weather, profile, seeds, summary, medians, cpuMsPerRun }) => {
    const { p50, p90, p99 } = summary.finality_delta
    return [
      weather.peers,
      weather.delay,
      weather.load,
      faultsOf(weather),
      profile,
      `${digits(p50)} / ${digits(p90)} / ${digits(p99)}`,
      showSpread(medians),
      digits(summary.copies_per_transaction),
      digits(summary.events_per_block_per_voter),
      summary.transactions,
      seeds,
      digits(cpuMsPerRun),
      summary.violations,
    ]
  })
  const columns = [
    'n',
    'delay',
    'load',
    'faults',
    'gossip',
    'finality in δ, p50 / p90 / p99',
    'p50 of a run',
    'copies per transaction',
    'events per block and voter',
    'transactions',
    'runs',
    'CPU ms/run',
    'violations',
  ]
  const title = 'Finality, from submission to the last correct voter, in one-way delays δ'
  return { title, columns, rows: cells }
}

function faultsOf({ crashed, lossRate }: Weather): string {
  if (crashed > 0) return `${crashed} crashed`
  return lossRate > 0 ? `${100 * lossRate} % lost` : 'none'
}
