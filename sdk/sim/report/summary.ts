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

const nothing: RunResult['metrics'] = {
  ...{ finalityDelta: [], finalitySupermajorityDelta: [], transactions: 0, events: 0, blocks: 0 },
  ...{ eventsPerBlockPerVoter: 0, copies: 0, messages: 0, inputs: {}, rejections: {}, evidence: {}, refused: 0 },
  ...{ rounds: {}, virtualMs: 0 },
}

/** Of a run that the simulator itself did not survive. */
export const failedReport = (seed: number, detail: string): RunReport => ({
  ...{ seed, traceHash: 'none', outOfContract: false, metrics: nothing },
  violations: [{ checker: 'simulator', atMs: 0, detail }],
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

function addTo(total: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [key, count] of Object.entries(counts)) total[key] = (total[key] ?? 0) + count
}

/** Adds reports up as they come, so that a run of any length keeps little more than its times. */
export interface Tally {
  add(report: RunReport): void
  summary(): Summary
}

export function createTally(): Tally {
  const last: number[] = []
  const supermajority: number[] = []
  const counts = { steps: {}, rejections: {}, evidence: {}, rounds: {} }
  const sums = { seeds: 0, transactions: 0, events: 0, blocks: 0, copies: 0, refused: 0, outOfContract: 0 }
  const perBlock = { sum: 0, runs: 0 }
  const failing: number[] = []
  return {
    add({ seed, violations, outOfContract, metrics }) {
      sums.seeds++
      if (outOfContract) sums.outOfContract++
      if (violations.length > 0) failing.push(seed)
      for (const value of metrics.finalityDelta) last.push(value)
      for (const value of metrics.finalitySupermajorityDelta) supermajority.push(value)
      for (const key of ['transactions', 'events', 'blocks', 'copies', 'refused'] as const) sums[key] += metrics[key]
      addTo(counts.steps, metrics.inputs)
      for (const key of ['rejections', 'evidence', 'rounds'] as const) addTo(counts[key], metrics[key])
      if (metrics.blocks === 0) return
      perBlock.sum += metrics.eventsPerBlockPerVoter
      perBlock.runs++
    },
    summary: () => ({
      seeds: sums.seeds,
      violations: failing.length,
      finality_delta: percentilesOf(last),
      finality_supermajority_delta: percentilesOf(supermajority),
      transactions: sums.transactions,
      events: sums.events,
      blocks: sums.blocks,
      events_per_block_per_voter: rounded(perBlock.sum / Math.max(1, perBlock.runs)),
      copies_per_event: rounded(sums.copies / Math.max(1, sums.events)),
      copies_per_transaction: rounded(sums.copies / Math.max(1, sums.transactions)),
      steps: { ...counts.steps },
      rejections: { ...counts.rejections },
      evidence: { ...counts.evidence },
      refused: sums.refused,
      rounds: { ...counts.rounds },
      out_of_contract: sums.outOfContract,
      failing_seeds: failing.slice(0, 20),
    }),
  }
}

export function summarize(reports: readonly RunReport[]): Summary {
  const tally = createTally()
  for (const report of reports) tally.add(report)
  return tally.summary()
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
