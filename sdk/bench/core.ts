/** Cost of evaluating an event: a recorded steady load, replayed into fresh cores. */
import { type Recorded, type Replayer, startReplayer } from './replayer.ts'
import { begin, type Cost, conclude, digits, type Spread, showSpread, spreadOf, type Table } from './report.ts'
import { benchVectors, vectorTable } from './vectors.ts'

export interface CoreOptions {
  readonly sizes: readonly number[]
  readonly events: number
  readonly repetitions: number
  readonly seed: number
  readonly vectors: string
}

interface SizeResult extends Recorded {
  /** Graph and elections alone, in one `restore`. */
  readonly evaluate: Cost[]
  /** A member's whole work: the same events as they arrived, its own decisions when to speak, what it sent. */
  readonly step: Cost[]
}

export async function benchCore(options: CoreOptions): Promise<void> {
  const head = begin('core', { ...options })
  const replayers: Replayer[] = []
  const results: SizeResult[] = []
  try {
    for (const voters of options.sizes) {
      const startMs = performance.now()
      const replayer = startReplayer()
      replayers.push(replayer)
      const recorded = await replayer.record({ voters, events: options.events, seed: options.seed })
      results.push({ ...recorded, evaluate: [], step: [] })
      console.error(`recorded n = ${voters} in ${digits((performance.now() - startMs) / 1000)} s`)
    }
    for (let repetition = 0; repetition < options.repetitions; repetition++) {
      for (const [i, replayer] of replayers.entries()) {
        results[i]?.evaluate.push(await replayer.replay('evaluate'))
        results[i]?.step.push(await replayer.replay('step'))
      }
    }
  } finally {
    for (const replayer of replayers) replayer.stop()
  }
  const vectors = benchVectors(options.vectors, options.repetitions)
  conclude(head, [tableOf(results)], { sizes: results })
  if (vectors.length > 0) conclude({ ...head, suite: 'recorded-graphs' }, [vectorTable(vectors)], { vectors })
}

function perEvent(result: SizeResult, of: 'evaluate' | 'step', time: keyof Cost): Spread {
  return spreadOf(result[of].map((cost) => (1000 * cost[time]) / result.events))
}

function tableOf(results: readonly SizeResult[]): Table {
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
  return { title: 'Evaluating an event: median (least–most)', columns, rows }
}

/** The exponent of n with which evaluating grew from one size to the next; 2 is what the design allows. */
function growth(before: SizeResult, after: SizeResult): number {
  const cost = (result: SizeResult) => perEvent(result, 'evaluate', 'cpuMs').median
  return Math.log(cost(after) / cost(before)) / Math.log(after.voters / before.voters)
}
