/** Many runs in one table and one line of JSON. */
import type { Violation } from '../checkers/checker.ts'
import type { RunResult } from '../simulate.ts'

/** What a worker sends of a run. */
export interface RunReport {
  readonly seed: number
  readonly traceHash: string
  readonly violations: readonly Violation[]
  readonly outOfContract: boolean
  readonly metrics: RunResult['metrics']
}

export const reportOf = ({ scenario, traceHash, violations, outOfContract, metrics }: RunResult): RunReport => ({
  seed: scenario.seed,
  traceHash,
  violations,
  outOfContract,
  metrics,
})

export interface Percentiles {
  readonly p50: number
  readonly p90: number
  readonly p99: number
}

export interface Summary {
  readonly seeds: number
  readonly violations: number
  /** In units of δ, from submission until final at the last correct voter. */
  readonly finality_delta: Percentiles
  /** The same, until final at more than 2/3 of the voters. */
  readonly finality_supermajority_delta: Percentiles
  readonly transactions: number
  readonly events: number
  readonly blocks: number
  readonly events_per_block_per_voter: number
  /** Copies of events handed to links, per event. */
  readonly copies_per_event: number
  readonly copies_per_transaction: number
  /** Inputs stepped through the cores, by kind. */
  readonly steps: Readonly<Record<string, number>>
  readonly rejections: Readonly<Record<string, number>>
  readonly evidence: Readonly<Record<string, number>>
  /** Events that the edge refused for their signature or body. */
  readonly refused: number
  /** Decided elections by the rounds they took; 1: no coin was needed. */
  readonly rounds: Readonly<Record<string, number>>
  /** Runs given up because more voters misbehaved than the protocol tolerates. */
  readonly out_of_contract: number
  /** Seeds that failed, at most 20. */
  readonly failing_seeds: readonly number[]
}

const rounded = (value: number) => Math.round(value * 1000) / 1000

/** Nearest rank; 0 for no values. */
function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = Float64Array.from(values).sort()
  const rank = (share: number) => rounded(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0)
  return { p50: rank(0.5), p90: rank(0.9), p99: rank(0.99) }
}

function added(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {}
  for (const one of counts) for (const [key, count] of Object.entries(one)) total[key] = (total[key] ?? 0) + count
  return total
}

export function summarize(reports: readonly RunReport[]): Summary {
  const metrics = reports.map((report) => report.metrics)
  const sum = (value: (one: RunReport['metrics']) => number) => metrics.reduce((total, one) => total + value(one), 0)
  const withBlocks = metrics.filter((one) => one.blocks > 0)
  const events = sum((one) => one.events)
  const transactions = sum((one) => one.transactions)
  const copies = sum((one) => one.copies)
  const failing = reports.filter((report) => report.violations.length > 0)
  const perBlock =
    withBlocks.reduce((total, one) => total + one.eventsPerBlockPerVoter, 0) / Math.max(1, withBlocks.length)
  return {
    seeds: reports.length,
    violations: failing.length,
    finality_delta: percentilesOf(metrics.flatMap((one) => one.finalityDelta)),
    finality_supermajority_delta: percentilesOf(metrics.flatMap((one) => one.finalitySupermajorityDelta)),
    transactions,
    events,
    blocks: sum((one) => one.blocks),
    events_per_block_per_voter: rounded(perBlock),
    copies_per_event: rounded(copies / Math.max(1, events)),
    copies_per_transaction: rounded(copies / Math.max(1, transactions)),
    steps: added(metrics.map((one) => one.inputs)),
    rejections: added(metrics.map((one) => one.rejections)),
    evidence: added(metrics.map((one) => one.evidence)),
    refused: sum((one) => one.refused),
    rounds: added(metrics.map((one) => one.rounds)),
    out_of_contract: reports.filter((report) => report.outOfContract).length,
    failing_seeds: failing.slice(0, 20).map((report) => report.seed),
  }
}

const percentilesText = ({ p50, p90, p99 }: Percentiles) => `${p50.toFixed(2)}  ${p90.toFixed(2)}  ${p99.toFixed(2)}`

export function summaryText(summary: Summary): string {
  const rows: [string, string | number][] = [
    ['seeds', summary.seeds],
    ['violations', summary.violations],
    ['out of contract', summary.out_of_contract],
    ['transactions', summary.transactions],
    ['blocks', summary.blocks],
    ['events', summary.events],
    ['events per block and voter', summary.events_per_block_per_voter],
    ['copies per event', summary.copies_per_event],
    ['copies per transaction', summary.copies_per_transaction],
    ['finality in δ, last correct voter: p50 p90 p99', percentilesText(summary.finality_delta)],
    ['finality in δ, more than 2/3: p50 p90 p99', percentilesText(summary.finality_supermajority_delta)],
    ['elections by rounds', JSON.stringify(summary.rounds)],
    ['inputs', JSON.stringify(summary.steps)],
    ['rejections', JSON.stringify(summary.rejections)],
    ['evidence', JSON.stringify(summary.evidence)],
    ['refused at the edge', summary.refused],
  ]
  return rows.map(([name, value]) => `${name.padEnd(48)} ${value}`).join('\n')
}
