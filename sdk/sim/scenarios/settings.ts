/** A scenario from plain settings, as on the command line: a fixed size and one kind of weather. */
import type { DelayModel } from '../network/delay.ts'
import { createRandom } from '../random.ts'
import type { CoinModel, Scenario } from '../scenario.ts'
import { createWorkload, type Load } from '../workload.ts'

export interface Settings {
  /** `fixed`: so many founders, no voter policy; `grow`: so many members, growing from one. */
  readonly genesis: 'fixed' | 'grow'
  readonly peers: number
  readonly maxVoters: number
  /** Silent from the start, counted as voters. */
  readonly crashed: number
  /** Adversaries with powers drawn at random. */
  readonly byzantine: number
  readonly delay: DelayModel
  readonly load: Load
  readonly profile: 'section' | 'classic'
  readonly hash: 'fast' | 'wire'
  readonly coin: CoinModel
  readonly deltaMs: number
  readonly lossRate: number
  readonly duplicateRate: number
  /** Length of the load, in δ. */
  readonly loadDelta: number
}

export const defaultSettings: Settings = {
  genesis: 'fixed',
  peers: 7,
  maxVoters: 13,
  crashed: 0,
  byzantine: 0,
  delay: 'uniform',
  load: 'sparse',
  profile: 'section',
  hash: 'fast',
  coin: 'threshold',
  deltaMs: 100,
  lossRate: 0,
  duplicateRate: 0,
  loadDelta: 200,
}

/** Links open within δ/2; joiners come one after the other, 10 δ apart. */
const settleDelta = 10

export function scenarioOf(settings: Settings, seed: number, kindsOf: KindsOf): Scenario {
  const { peers, deltaMs, crashed, byzantine } = settings
  const random = createRandom(seed).stream('settings')
  const order = random.shuffled(Array.from({ length: peers }, (_, slot) => slot))
  // The founder of a growing section has to be there and correct: alone it is more than a third.
  const eligible = settings.genesis === 'grow' ? order.filter((slot) => slot !== 0) : order
  const down = new Set(eligible.slice(0, crashed))
  const adversaries = eligible.slice(crashed, crashed + byzantine).sort((a, b) => a - b)
  const startsMs = (slot: number) => (settings.genesis === 'grow' ? slot * settleDelta * deltaMs : 0)
  const slots = order.filter((slot) => !down.has(slot) && !adversaries.includes(slot)).sort((a, b) => a - b)
  const fromMs = (settings.genesis === 'grow' ? peers + 3 : 1) * settleDelta * deltaMs
  const untilMs = fromMs + settings.loadDelta * deltaMs
  const { load } = settings
  return {
    seed,
    genesis: settings.genesis,
    peers,
    maxVoters: settings.genesis === 'fixed' ? peers : settings.maxVoters,
    profile: settings.profile,
    hash: settings.hash,
    coin: settings.coin,
    deltaMs,
    delay: settings.delay,
    lossRate: settings.lossRate,
    duplicateRate: settings.duplicateRate,
    missingLinks: [],
    slow: [],
    clockSkewMs: [],
    persistMs: 0,
    startMs: Array.from({ length: peers }, (_, slot) => (down.has(slot) ? null : startsMs(slot))),
    votes: [],
    forgetAfterMs: null,
    submissions: createWorkload({ load, slots, fromMs, untilMs, deltaMs, random: random.stream('workload') }),
    faults: [],
    adversaries: adversaries.map((slot) => ({ slot, kinds: kindsOf(random.stream(slot)) })),
    schedulerDelta: 0,
    activeMs: untilMs,
    drainMs: 600 * deltaMs,
  }
}

type KindsOf = (random: ReturnType<typeof createRandom>) => Scenario['adversaries'][number]['kinds']
