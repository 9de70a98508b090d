/**
 * The signaling server beside the one of y-webrtc: rounds of both in turn, in one run, each on a fresh process.
 * `tsx signaling/bench/cli.ts [--sockets N] [--rooms N] [--rounds N]`. Needs `npm run build`.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Load, type Measurement, measure } from './round.ts'
import { type SubjectName, startSubject } from './subjects.ts'

const subjects: readonly SubjectName[] = ['parsec-web-signaling', 'y-webrtc']
/** Below the range from which client sockets get theirs. */
const firstPort = 14_444

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      sockets: { type: 'string', default: '5000' },
      rooms: { type: 'string', default: '500' },
      rounds: { type: 'string', default: '3' },
    },
  })
  const load: Load = {
    sockets: Number(values.sockets),
    rooms: Number(values.rooms),
    payloadBytes: 600,
    throughputMs: 5_000,
    latencyMs: 4_000,
    latencyRate: 300,
  }
  const machine = {
    node: process.version,
    cpus: cpus().length,
    model: cpus()[0]?.model,
    os: release(),
    memory: totalmem(),
  }
  console.log(`signaling bench: ${JSON.stringify({ ...load, rounds: Number(values.rounds) })}`)
  console.log(`machine: ${JSON.stringify(machine)}`)
  const rounds: { subject: SubjectName; measurement: Measurement }[] = []
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
  const medians = Object.fromEntries(subjects.map((name) => [name, medianOf(rounds, name)]))
  console.table(Object.fromEntries(subjects.map((name) => [name, rounded(medianOf(rounds, name))])))
  const folder = fileURLToPath(new URL('../../bench-results/', import.meta.url))
  mkdirSync(folder, { recursive: true })
  const file = `${folder}signaling.json`
  writeFileSync(
    file,
    `${JSON.stringify({ date: new Date().toISOString(), machine, load, medians, rounds }, null, 2)}\n`,
  )
  console.log('written to bench-results/signaling.json')
}

const medianOf = (
  rounds: readonly { subject: SubjectName; measurement: Measurement }[],
  name: SubjectName,
): Measurement => {
  const own = rounds.filter(({ subject }) => subject === name).map(({ measurement }) => measurement)
  const median = (key: keyof Measurement): number =>
    own.map((measurement) => measurement[key]).toSorted((a, b) => a - b)[Math.floor((own.length - 1) / 2)] ?? Number.NaN
  return Object.fromEntries(
    Object.keys(own[0] ?? {}).map((key) => [key, median(key as keyof Measurement)]),
  ) as unknown as Measurement
}

const rounded = (measurement: Measurement): Record<string, number> =>
  Object.fromEntries(Object.entries(measurement).map(([key, value]) => [key, Number(value.toPrecision(4))]))

await main()
