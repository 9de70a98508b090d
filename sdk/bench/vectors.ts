/** Replays a directory of recorded graphs and times each. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replay, type Vector } from '../conformance/vector.ts'
import { type Cost, digits, measure, showSpread, spreadOf, type Table } from './report.ts'

export interface VectorResult {
  readonly name: string
  readonly events: number
  readonly peers: number
  readonly passed: boolean
  readonly repetitions: readonly Cost[]
}

/** Interleaved: every vector once, then all of them again. */
export function benchVectors(directory: string, repetitions: number): VectorResult[] {
  if (!existsSync(directory)) {
    console.log(
      `\nrecorded graphs: none ${directory === '' ? 'given' : `at ${directory}`}; --vectors DIR says where they are`,
    )
    return []
  }
  const vectors = readdirSync(directory)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(directory, file), 'utf8')) as Vector)
  const passed = vectors.map((vector) => replay(vector).length === 0)
  const costs: Cost[][] = vectors.map(() => [])
  for (let repetition = 0; repetition < repetitions; repetition++) {
    vectors.forEach((vector, i) => {
      costs[i]?.push(measure(() => void replay(vector)))
    })
  }
  return vectors.map((vector, i) => ({
    name: vector.name,
    events: vector.events.length,
    peers: new Set(vector.events.map((event) => event.creator)).size,
    passed: passed[i] as boolean,
    repetitions: costs[i] as Cost[],
  }))
}

export function vectorTable(results: readonly VectorResult[]): Table {
  const cpu = (result: VectorResult) => spreadOf(result.repetitions.map((cost) => cost.cpuMs))
  const rows = results.map((result) => [
    result.name,
    result.peers,
    result.events,
    showSpread(cpu(result)),
    showSpread(spreadOf(result.repetitions.map((cost) => cost.wallMs))),
    digits((1000 * cpu(result).median) / result.events),
    result.passed ? 'yes' : 'NO',
  ])
  const columns = ['graph', 'peers', 'events', 'CPU ms', 'wall ms', 'CPU µs/event', 'as recorded']
  const seconds = results.reduce((sum, result) => sum + cpu(result).median, 0) / 1000
  const rate = `${results.length} graphs, ${digits(results.length / seconds)} a second of CPU time`
  return { title: `Recorded graphs, replayed through the reference profile and compared: ${rate}`, columns, rows }
}
