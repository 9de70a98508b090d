/** npm run bench -- core | sim | store | coin | signaling | browser | all | docs. Runs compiled code: transpilers on the fly distort what is measured. */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { benchCoin } from './coin.ts'
import { benchCore } from './core.ts'
import { writeDocument } from './documents.ts'
import { benchSim } from './sim.ts'
import { benchStore } from './store.ts'

const usage = `npm run bench -- SUITE [options]

  core        cost of evaluating an event, per number of voters; recorded graphs
  sim         finality in one-way delays, per network and fault, beside classic gossip
  store       append, restart and catch-up
  coin        making the coin's key while transactions become final, with and without cheating dealers
  signaling   the signaling server beside the one of y-webrtc (needs \`npm run build\`)
  browser     sections in real tabs, beside a central server, y-webrtc and bare data channels; options of its own: --help
  all         every suite as it comes, ten minutes of soak, and then docs: two to three hours
  docs        puts the tables of bench-results/ into docs/benchmarks.md

  --sizes 4,7,16,32    numbers of voters (core, coin) or of events (store)
  --events N           events in the steady load of core (10000)
  --repetitions N      how often each is measured, in turn (5; store, coin 3)
  --seed N             of the recorded load and of the first simulated run (1)
  --seeds N            scales the simulated runs per row (sim: 10; large sections take fewer)
  --vectors DIR        recorded graphs to replay in core, too`

/** Suites that measure other processes than their own, with options of their own. */
const programs: Readonly<Record<string, string>> = {
  signaling: 'signaling/bench/cli.ts',
  browser: 'e2e/bench/cli.ts',
}

async function main(argv: readonly string[]): Promise<number> {
  const [suite, ...rest] = argv
  if (suite === 'all') return await runAll(rest)
  const elsewhere = suite === undefined ? undefined : programs[suite]
  if (elsewhere !== undefined) {
    const { status } = spawnSync('npx', ['tsx', elsewhere, ...rest], { stdio: 'inherit' })
    return status ?? 1
  }
  const { values } = parseArgs({
    args: rest,
    options: {
      sizes: { type: 'string' },
      events: { type: 'string', default: '10000' },
      repetitions: { type: 'string' },
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '10' },
      vectors: { type: 'string', default: '' },
    },
  })
  const sizes = (otherwise: string) => (values.sizes ?? otherwise).split(',').map(Number)
  const repetitions = (otherwise: string) => Number(values.repetitions ?? otherwise)
  const seed = Number(values.seed)
  switch (suite) {
    case 'core':
      await benchCore({
        sizes: sizes('4,7,16,32'),
        events: Number(values.events),
        repetitions: repetitions('5'),
        seed,
        vectors: values.vectors,
      })
      return 0
    case 'sim':
      await benchSim({ seeds: Number(values.seeds), seed })
      return 0
    case 'store':
      await benchStore({ sizes: sizes('1000,10000,100000'), repetitions: repetitions('3'), seed })
      return 0
    case 'coin':
      await benchCoin({ sizes: sizes('4,7,16'), repetitions: Number(values.repetitions ?? '3') })
      return 0
    case 'docs':
      writeDocument('docs/benchmarks.md')
      return 0
    default:
      console.error(usage)
      return 2
  }
}

async function runAll(options: readonly string[]): Promise<number> {
  const suites = [
    ['core', ...options],
    ['sim'],
    ['store'],
    ['coin'],
    ['signaling', '--rounds', '7'],
    ['browser'],
    ['browser', '--soak', '10'],
  ]
  for (const argv of suites) {
    const status = await main(argv)
    if (status !== 0) return status
  }
  return await main(['docs'])
}

process.exitCode = await main(process.argv.slice(2))
