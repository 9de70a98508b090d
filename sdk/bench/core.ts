/** Cost of evaluating an event: a recorded steady load, replayed into fresh cores. */
import type { Parsec } from '../src/core/options.ts'
import { type Recording, record } from './recording.ts'
import {
  begin,
  type Cost,
  digits,
  measure,
  type Spread,
  showSpread,
  showTable,
  spreadOf,
  writeResults,
} from './report.ts'
import { benchVectors } from './vectors.ts'

export interface CoreOptions {
  readonly sizes: readonly number[]
  readonly events: number
  readonly repetitions: number
  readonly seed: number
  readonly vectors: string
}

interface SizeResult {
  readonly voters: number
  readonly events: number
  readonly blocks: number
  readonly inputs: number
  readonly transactions: number
  /** Graph and elections alone, in one `restore`. */
  readonly evaluate: Cost[]
  /** A member's whole work: the same events as they arrived, its own decisions when to speak, what it sent. */
  readonly step: Cost[]
}

export function benchCore(options: CoreOptions): void {
  const head = begin('core', { ...options })
  const subjects = options.sizes.map((voters) => {
    let recording: Recording | undefined
    const { wallMs } = measure(() => {
      recording = record({ voters, events: options.events, seed: options.seed })
    })
    console.error(`recorded n = ${voters} in ${digits(wallMs / 1000)} s`)
    return recording as Recording
  })
  const results: SizeResult[] = subjects.map((recording) => ({
    voters: recording.voters,
    events: recording.events.length,
    blocks: recording.blocks,
    inputs: recording.inputs.length,
    transactions: recording.transactions,
    evaluate: [],
    step: [],
  }))
  for (let repetition = 0; repetition < options.repetitions; repetition++) {
    subjects.forEach((recording, i) => {
      results[i]?.evaluate.push(evaluate(recording))
      results[i]?.step.push(step(recording))
    })
  }
  print(results)
  const vectors = benchVectors(options.vectors, options.repetitions)
  writeResults('core', { ...head, sizes: results, vectors })
}

function evaluate(recording: Recording): Cost {
  const core = recording.createCore('watcher')
  const cost = measure(() => void core.step({ kind: 'restore', nowMs: 0, events: recording.events }))
  return checked(recording, core, cost)
}

function step(recording: Recording): Cost {
  const core = recording.createCore('member')
  const cost = measure(() => {
    for (const input of recording.inputs) core.step(input)
  })
  return checked(recording, core, cost)
}

function checked(recording: Recording, core: Parsec, cost: Cost): Cost {
  if (core.status().height !== recording.blocks) throw new Error('a replay did not reach the blocks of its recording')
  return cost
}

function perEvent(result: SizeResult, of: 'evaluate' | 'step', time: keyof Cost): Spread {
  return spreadOf(result[of].map((cost) => (1000 * cost[time]) / result.events))
}

function print(results: readonly SizeResult[]): void {
  const rows = results.map((result, i) => {
    const before = results[i - 1]
    const cpu = perEvent(result, 'evaluate', 'cpuMs')
    return [
      result.voters,
      result.events,
      result.blocks,
      showSpread(cpu),
      showSpread(perEvent(result, 'evaluate', 'wallMs')),
      digits(1e6 / cpu.median),
      showSpread(perEvent(result, 'step', 'cpuMs')),
      showSpread(perEvent(result, 'step', 'wallMs')),
      before ? `n^${growth(before, result).toFixed(2)}` : '–',
    ]
  })
  const columns = [
    'n',
    'events',
    'blocks',
    'evaluate, CPU µs/event',
    'wall µs/event',
    'events/s',
    'whole step, CPU µs/event',
    'wall µs/event',
    'growth',
  ]
  console.log(showTable({ title: 'Evaluating an event: median (least–most)', columns, rows }))
}

/** The exponent of n with which evaluating grew from one size to the next; 2 is what the design allows. */
function growth(before: SizeResult, after: SizeResult): number {
  const cost = (result: SizeResult) => perEvent(result, 'evaluate', 'cpuMs').median
  return Math.log(cost(after) / cost(before)) / Math.log(after.voters / before.voters)
}
