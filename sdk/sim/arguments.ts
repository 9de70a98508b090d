/** The command line of `npm run sim`. */
import { parseArgs } from 'node:util'
import { faultsTolerated } from '../src/core/thresholds.ts'
import { type AdversaryKind, adversaryKinds } from './adversaries/catalogue.ts'
import { type DelayModel, delayModels } from './network/delay.ts'
import type { Plan } from './plan.ts'
import { type CoinModel, coinModels } from './scenario.ts'
import { defaultMixedLimits } from './scenarios/mixed.ts'
import { defaultSettings } from './scenarios/settings.ts'
import { stallCoins } from './stall/coins.ts'
import type { StallPlan } from './stall/run.ts'
import { type Load, loads } from './workload.ts'

export const usage = `npm run sim -- [options]

Without --peers or --members: everything mixed (sizes 1 … 16, all faults and adversaries), drawn from each seed.
  --peers N            a fixed genesis of N voters, voter policy off
  --members N          N members, growing from one founder, voter policy on
  --mixed              draw faults and adversaries at random with that size as the largest
  --crashed N          silent from the start      --byzantine N   adversaries with random powers
  --delay MODEL        ${delayModels.join(' | ')}      --load KIND   ${loads.join(' | ')}
  --loss P --duplicate P    per message           --delta-ms N    δ, mean one-way delay (100)
  --load-delta N       length of the load in δ (200)
  --adversary A,B      with --mixed: as many as tolerated, of these kinds only
                       (${adversaryKinds.join(', ')})
  --scheduler-delta N  with --mixed: a scheduler that reads everything holds messages back, at most so many δ
  --profile classic    one other-parent at a time, for comparison
  --coin MODEL         threshold (its keys modelled) | hash | parity, both predictable
  --hash wire          hash canonical bytes instead of the cheap rendering
  --seeds N            how many runs (200)        --first-seed N  the first of them (1)
  --seed N             that one run, with its trace hash
  --scenario FILE      the scenario in that file, as written by --shrink
  --shrink FILE        take the first failing run apart and write the rest
  --dot FILE           write the graph of --seed or --scenario there, or of the first failure, which otherwise goes to
                       test-results/sim-SEED.dot
  --until-failure      end with the first violation     --soak     and run on without end
  --exhaust            every schedule of the binary agreement of four voters, one of them a forker; also with a rule
                       taken out
  --stall ROUNDS       a scheduler that reads everything against --coin (${stallCoins.join(' | ')}; parity), with
                       --peers N voters (4), --byzantine N of them forking (0)
  --mutants            plant deliberate bugs one by one and show which seed finds each (--only TEXT: some)
  --workers N          threads (1)                --json          a last line of JSON`

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'exhaust' }
  | ({ readonly kind: 'stall'; readonly json: boolean } & StallPlan)
  | { readonly kind: 'mutants'; readonly seeds: number; readonly only: string }
  | {
      readonly kind: 'run'
      readonly plan: Plan
      readonly firstSeed: number
      readonly seeds: number
      readonly untilFailure: boolean
      readonly workers: number
      readonly scenarioFile: string | null
      readonly shrinkFile: string | null
      readonly dotFile: string | null
      readonly json: boolean
      /** The options that choose the runs, to repeat one of them. */
      readonly replay: string
    }

const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const

const optionTypes = {
  peers: text,
  members: text,
  mixed: flag,
  crashed: text,
  byzantine: text,
  delay: text,
  load: text,
  loss: text,
  duplicate: text,
  'delta-ms': text,
  'load-delta': text,
  'scheduler-delta': text,
  profile: text,
  hash: text,
  coin: text,
  seeds: text,
  seed: text,
  'first-seed': text,
  scenario: text,
  shrink: text,
  dot: text,
  soak: flag,
  'until-failure': flag,
  mutants: flag,
  exhaust: flag,
  stall: text,
  only: text,
  adversary: text,
  workers: text,
  json: flag,
  help: flag,
} as const

/** Not part of what a run is. */
const apart = new Set([
  'seeds',
  'seed',
  'first-seed',
  'scenario',
  'shrink',
  'dot',
  'soak',
  'until-failure',
  'workers',
  'json',
  'help',
  'mutants',
])

type Values = {
  readonly [Name in keyof typeof optionTypes]?: (typeof optionTypes)[Name]['type'] extends 'boolean' ? boolean : string
}

/** Throws on an unknown option or value. */
export function parseCommand(argv: readonly string[]): Command {
  const words = argv[0] === 'exhaust' ? ['--exhaust', ...argv.slice(1)] : [...argv]
  const values = parseArgs({ args: words, options: optionTypes, strict: true }).values as Values
  if (values.help) return { kind: 'help' }
  const number = (name: keyof Values, fallback: number): number => {
    const value = values[name]
    if (value === undefined) return fallback
    const parsed = Number(value)
    if (!Number.isFinite(parsed) || parsed < 0) throw new Error(`--${name} takes a number, not “${value}”`)
    return parsed
  }
  if (values.exhaust) return { kind: 'exhaust' }
  if (values.stall !== undefined) {
    const coin = stallCoins.find((one) => one === (values.coin ?? 'parity'))
    if (coin === undefined) throw new Error(`--stall: --coin is one of ${stallCoins.join(', ')}`)
    const [peers, traitors] = [number('peers', 4), number('byzantine', 0)]
    if (peers < 4 || peers > 64 || traitors > faultsTolerated(peers))
      throw new Error('--stall: 4 to 64 --peers, fewer than a third of them --byzantine')
    const rounds = number('stall', 1000)
    return { kind: 'stall', coin, peers, traitors, rounds, seeds: number('seeds', 1), json: values.json ?? false }
  }
  if (values.mutants) return { kind: 'mutants', seeds: number('seeds', 300), only: values.only ?? '' }
  const replay = Object.entries(values)
    .filter(([name]) => !apart.has(name))
    .map(([name, value]) => (value === true ? `--${name}` : `--${name} ${value}`))
    .join(' ')
  const single = values.seed !== undefined
  return {
    kind: 'run',
    plan: planOf(values, number),
    firstSeed: single ? number('seed', 1) : number('first-seed', 1),
    seeds: single ? 1 : values.soak ? Number.MAX_SAFE_INTEGER / 2 : number('seeds', 200),
    untilFailure: (values.soak ?? false) || (values['until-failure'] ?? false),
    workers: single ? 1 : number('workers', 1),
    scenarioFile: values.scenario ?? null,
    shrinkFile: values.shrink ?? null,
    dotFile: values.dot ?? null,
    json: values.json ?? false,
    replay,
  }
}

function kindNamed(name: string): AdversaryKind {
  const kind = adversaryKinds.find((one) => one === name)
  if (kind === undefined) throw new Error(`--adversary takes ${adversaryKinds.join(', ')}, not “${name}”`)
  return kind
}

function planOf(values: Values, number: (name: keyof Values, fallback: number) => number): Plan {
  const oneOf = <T extends string>(
    name: 'delay' | 'load' | 'profile' | 'hash' | 'coin',
    allowed: readonly T[],
    fallback: T,
  ): T => {
    const value = values[name] ?? fallback
    const found = allowed.find((one) => one === value)
    if (found === undefined) throw new Error(`--${name} is one of ${allowed.join(', ')}, not “${value}”`)
    return found
  }
  const hash = oneOf<'fast' | 'wire'>('hash', ['fast', 'wire'], 'fast')
  const coin = oneOf<CoinModel>('coin', coinModels, 'threshold')
  const sized = values.peers !== undefined || values.members !== undefined
  if (values.mixed || !sized) {
    const size = number(values.members === undefined ? 'peers' : 'members', defaultMixedLimits.peersMax)
    const genesis = values.peers !== undefined ? 'fixed' : values.members !== undefined ? 'grow' : 'either'
    const kinds = values.adversary === undefined ? null : values.adversary.split(',').map(kindNamed)
    const schedulerDelta = values['scheduler-delta'] === undefined ? null : number('scheduler-delta', 0)
    const limits = {
      ...defaultMixedLimits,
      peersMin: sized ? size : 1,
      peersMax: size,
      genesis,
      hash,
      coin,
      kinds,
      schedulerDelta,
    } as const
    return { kind: 'mixed', limits }
  }
  return {
    kind: 'settings',
    settings: {
      ...defaultSettings,
      genesis: values.members === undefined ? 'fixed' : 'grow',
      peers: number(values.members === undefined ? 'peers' : 'members', defaultSettings.peers),
      crashed: number('crashed', 0),
      byzantine: number('byzantine', 0),
      delay: oneOf<DelayModel>('delay', delayModels, 'uniform'),
      load: oneOf<Load>('load', loads, 'sparse'),
      profile: oneOf<'section' | 'classic'>('profile', ['section', 'classic'], 'section'),
      hash,
      coin,
      deltaMs: number('delta-ms', defaultSettings.deltaMs),
      lossRate: number('loss', 0),
      duplicateRate: number('duplicate', 0),
      loadDelta: number('load-delta', defaultSettings.loadDelta),
    },
  }
}
