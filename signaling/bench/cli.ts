/**
 * The signaling server beside the one of y-webrtc: rounds of both in turn, in one run, each on a fresh process.
 * `tsx signaling/bench/cli.ts [--sockets N] [--rooms N] [--rounds N] [--connect-only]`. Needs `npm run build`.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Load, type Measurement, measure } from './round.ts'
import { type SubjectName, startSubject } from './subjects.ts'

const subjects: readonly SubjectName[] = ['parsec-web-signaling', 'y-webrtc']
/** Below the range from which client sockets get theirs. */
const firstPort = 14_444

interface Round {
  readonly subject: SubjectName
  readonly measurement: Measurement
}

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      sockets: { type: 'string', default: '5000' },
      rooms: { type: 'string', default: '500' },
      rounds: { type: 'string', default: '3' },
      'connect-only': { type: 'boolean', default: false },
    },
  })
  const load: Load = {
    sockets: Number(values.sockets),
    rooms: Number(values.rooms),
    payloadBytes: 600,
    throughputMs: 5_000,
    latencyMs: 4_000,
    latencyRate: 300,
    connectOnly: values['connect-only'],
  }
  const settings = { ...load, rounds: Number(values.rounds) }
  const machine = {
    date: new Date().toISOString(),
    node: process.version,
    cpus: cpus().length,
    model: cpus()[0]?.model.trim() ?? 'unknown',
    os: `${process.platform} ${release()}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    loadAverage: loadavg()[0],
  }
  console.log(`signaling: ${JSON.stringify(settings)}`)
  console.log(`machine: ${JSON.stringify(machine)}`)
  const rounds: Round[] = []
  for (let round = 0; round < Number(values.rounds); round++) {
    // Each goes first in every other round.
    for (const name of round % 2 === 0 ? subjects : subjects.toReversed()) {
      const subject = await startSubject(name, firstPort + rounds.length)
      const measurement = await measure(subject, load)
      await subject.stop()
      rounds.push({ subject: name, measurement })
      console.log(`${round + 1}  ${name.padEnd(22)}${JSON.stringify(rounded(measurement))}`)
    }
  }
  // On a machine that does other work as well, the best round says more than the median one.
  const medians = Object.fromEntries(subjects.map((name) => [name, summaryOf(rounds, name, medianOf)]))
  const bests = Object.fromEntries(subjects.map((name) => [name, summaryOf(rounds, name, bestOf)]))
  console.table(
    Object.fromEntries(
      subjects.flatMap((name) => [
        [`${name}, median`, rounded(summaryOf(rounds, name, medianOf))],
        [`${name}, best`, rounded(summaryOf(rounds, name, bestOf))],
        [`${name}, worst`, rounded(summaryOf(rounds, name, worstOf))],
      ]),
    ),
  )
  const folder = fileURLToPath(new URL('../../bench-results/', import.meta.url))
  mkdirSync(folder, { recursive: true })
  const file = `${folder}signaling.json`
  const results = { suite: 'signaling', machine, settings, tables: [tableOf(rounds)], medians, bests, rounds }
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`)
  console.log('written to bench-results/signaling.json')
}

/** As `npm run bench -- docs` takes it: medians, in brackets the extremes. */
const tableOf = (rounds: readonly Round[]) => {
  const [median, best, worst] = [medianOf, bestOf, worstOf].map(
    (choose) => (name: SubjectName) => summaryOf(rounds, name, choose),
  )
  const cell = (name: SubjectName, key: keyof Measurement): string => {
    const [middle, ...ends] = [median, best, worst].map((choose) => choose?.(name)[key] ?? Number.NaN)
    const [least, most] = ends.toSorted((a, b) => a - b)
    return `${short(middle)} (${short(least)}–${short(most)})`
  }
  const keys = Object.keys(columns) as (keyof Measurement)[]
  return {
    title: 'Both servers: median (least–most)',
    columns: ['server', ...Object.values(columns)],
    rows: subjects.map((name) => [name, ...keys.map((key) => cell(name, key))]),
  }
}

const columns: Readonly<Record<keyof Measurement, string>> = {
  connectionsPerSecond: 'connections/s',
  joinsPerSecond: 'joins/s',
  serverCpuUsPerConnection: 'CPU µs/connection',
  rssBytesPerSocket: 'RSS bytes per socket',
  heapBytesPerSocket: 'heap bytes per socket',
  deliveriesPerSecond: 'deliveries/s',
  serverCpuUsPerDelivery: 'CPU µs/delivery',
  relayMsP50: 'relay p50, ms',
  relayMsP99: 'relay p99, ms',
}

const short = (value = Number.NaN): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))

type Choice = (values: readonly number[], key: keyof Measurement) => number

const medianOf: Choice = (values) => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN

const isMoreBetter = (key: keyof Measurement): boolean => key.endsWith('PerSecond')

const bestOf: Choice = (values, key) => (isMoreBetter(key) ? Math.max(...values) : Math.min(...values))

const worstOf: Choice = (values, key) => (isMoreBetter(key) ? Math.min(...values) : Math.max(...values))

const summaryOf = (rounds: readonly Round[], name: SubjectName, choose: Choice): Measurement => {
  const own = rounds.filter(({ subject }) => subject === name).map(({ measurement }) => measurement)
  const keys = Object.keys(own[0] ?? {}) as (keyof Measurement)[]
  const summary = keys.map((key) => [
    key,
    choose(
      own.map((measurement) => measurement[key] ?? Number.NaN),
      key,
    ),
  ])
  return Object.fromEntries(summary) as unknown as Measurement
}

const rounded = (measurement: Measurement): Record<string, number> =>
  Object.fromEntries(Object.entries(measurement).map(([key, value]) => [key, Number(value.toPrecision(4))]))

await main()
