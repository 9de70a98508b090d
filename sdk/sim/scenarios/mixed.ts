/**
 * A scenario with everything mixed, drawn from a seed: size, delays, faults, adversaries and load. Never more
 * adversaries than the founders tolerate; faults that go beyond the protocol's conditions are skipped as they come up.
 */
import { type AdversaryKind, adversaryKinds } from '../adversaries/catalogue.ts'
import { delayModels } from '../network/delay.ts'
import { createRandom, type Random } from '../random.ts'
import type { CoinModel, CrashPoint, Fault, Scenario } from '../scenario.ts'
import { createVotes, createWorkload, type Load } from '../workload.ts'

export interface MixedLimits {
  readonly peersMin: number
  readonly peersMax: number
  readonly hash: 'fast' | 'wire'
  readonly coin: CoinModel
  readonly genesis: 'fixed' | 'grow' | 'either'
  readonly faults: boolean
  readonly adversaries: boolean
  /** Bound of the content-aware scheduler in δ; null: drawn. */
  readonly schedulerDelta: number | null
  /** As many adversaries as tolerated, each of one of these kinds; null: drawn. */
  readonly kinds: readonly AdversaryKind[] | null
}

export const defaultMixedLimits: MixedLimits = {
  peersMin: 1,
  peersMax: 16,
  hash: 'fast',
  coin: 'threshold',
  genesis: 'either',
  faults: true,
  adversaries: true,
  kinds: null,
  schedulerDelta: null,
}

const crashPoints: readonly CrashPoint[] = ['afterStep', 'afterSign', 'afterPersist', 'amidSend', 'afterSend']

const kindsOf = ({ kinds }: MixedLimits, random: Random) => (kinds === null ? drawKinds(random) : [random.pick(kinds)])

export function drawKinds(random: Random): readonly AdversaryKind[] {
  const count = random.chance(0.6) ? 1 : random.chance(0.7) ? 2 : 3
  return random.shuffled(adversaryKinds).slice(0, count)
}

export function mixedScenario(seed: number, limits: MixedLimits = defaultMixedLimits): Scenario {
  const random = createRandom(seed).stream('mixed')
  const genesis = limits.genesis === 'either' ? (random.chance(0.6) ? 'fixed' : 'grow') : limits.genesis
  // Small sections are the many and the hard ones; a large one costs as much as a hundred of them.
  const most = random.chance(0.95) ? 5 : random.chance(0.85) ? 7 : limits.peersMax
  const peers = random.int(limits.peersMin, Math.min(limits.peersMax, Math.max(limits.peersMin, most)))
  const deltaMs = random.pick([20, 100, 250])
  const activeMs = deltaMs * random.int(25, 80)
  const slots = Array.from({ length: peers }, (_, slot) => slot)
  const tolerated = Math.max(0, Math.ceil(peers / 3) - 1)
  const drawn = limits.adversaries && random.chance(0.6) ? random.int(0, tolerated) : 0
  const adversaryCount = limits.kinds === null ? drawn : tolerated
  const adversarySlots = random
    .shuffled(genesis === 'grow' ? slots.slice(1) : slots)
    .slice(0, adversaryCount)
    .sort((a, b) => a - b)
  const startMs = slots.map((slot) => startOf(slot, genesis, activeMs, random.stream(`start ${slot}`)))
  const faulty = limits.faults && random.chance(0.8)
  const load = random.pick<Load>(['isolated', 'sparse', 'sparse', 'dense'])
  return {
    seed,
    genesis,
    peers,
    maxVoters: genesis === 'fixed' ? peers : random.pick([4, 7, 13]),
    profile: 'section',
    hash: limits.hash,
    coin: limits.coin,
    deltaMs,
    delay: random.pick(delayModels),
    lossRate: faulty && random.chance(0.3) ? random.pick([0.001, 0.01, 0.05]) : 0,
    duplicateRate: faulty && random.chance(0.3) ? random.pick([0.01, 0.2]) : 0,
    missingLinks: faulty && random.chance(0.3) ? missingLinks(peers, random.stream('missing')) : [],
    slow: faulty && random.chance(0.2) ? [{ slot: random.int(0, peers - 1), factor: random.int(2, 10) }] : [],
    clockSkewMs: random.chance(0.5) ? slots.map(() => random.int(-20, 20) * deltaMs) : [],
    persistMs: random.chance(0.3) ? random.int(1, 10) : 0,
    startMs,
    votes: random.chance(0.4) ? createVotes({ slots, untilMs: activeMs, random: random.stream('votes') }) : [],
    forgetAfterMs: faulty && genesis === 'grow' && random.chance(0.3) ? deltaMs * random.int(20, 200) : null,
    ...(genesis === 'grow' ? invitations(peers, random.stream('invitations')) : {}),
    submissions: workload(load, slots, activeMs, deltaMs, random.stream('workload')),
    faults: faulty ? drawFaults(peers, genesis, activeMs, deltaMs, random.stream('faults')) : [],
    adversaries: adversarySlots.map((slot) => ({ slot, kinds: kindsOf(limits, random.stream(`kinds ${slot}`)) })),
    schedulerDelta: limits.schedulerDelta ?? (limits.adversaries && random.chance(0.2) ? random.int(1, 8) : 0),
    activeMs,
    drainMs: deltaMs * 1000,
  }
}

/** Founders start together or nearly so; joiners whenever they like in the first half. */
function startOf(slot: number, genesis: Scenario['genesis'], activeMs: number, random: Random): number {
  if (genesis === 'fixed') return random.chance(0.8) ? 0 : random.float() * activeMs * 0.2
  return slot === 0 ? 0 : random.float() * activeMs * 0.5
}

/** Short bursts of load, so that rest comes in between and many elections are near one fault. */
function workload(load: Load, slots: readonly number[], activeMs: number, deltaMs: number, random: Random) {
  const lengthMs = load === 'dense' ? Math.min(activeMs, 6 * deltaMs) : activeMs
  const fromMs = random.float() * (activeMs - lengthMs)
  const chosen = load === 'dense' ? slots.slice(0, 4) : slots
  const submissions = createWorkload({ load, slots: chosen, fromMs, untilMs: fromMs + lengthMs, deltaMs, random })
  return submissions.map((submission) => (random.chance(0.1) ? { ...submission, draw: true } : submission))
}

/** One for all or two by turns; enough of them, or not. */
function invitations(peers: number, random: Random): Pick<Scenario, 'invitations'> {
  if (random.chance(0.75)) return {}
  return { invitations: Array.from({ length: random.int(1, 2) }, () => random.int(1, peers)) }
}

/** Links that never exist, while what remains is connected through two slots. */
function missingLinks(peers: number, random: Random): [number, number][] {
  const hubs = random.shuffled(Array.from({ length: peers }, (_, slot) => slot)).slice(0, 2)
  const missing: [number, number][] = []
  for (let high = 0; high < peers; high++) {
    for (let low = 0; low < high; low++) {
      if (!hubs.includes(low) && !hubs.includes(high) && random.chance(0.3)) missing.push([low, high])
    }
  }
  return missing
}

function drawFaults(
  peers: number,
  genesis: Scenario['genesis'],
  activeMs: number,
  deltaMs: number,
  random: Random,
): Fault[] {
  const faults: Fault[] = []
  const count = random.int(0, 6)
  for (let index = 0; index < count; index++) {
    const fault = drawFault(peers, genesis, activeMs, deltaMs, random)
    faults.push(withPageLife(fault, random.stream(`page ${index}`)))
  }
  return faults.sort((a, b) => a.atMs - b.atMs)
}

/** Browsers announce that they freeze a page, machines that sleep do not; and some of those that go close their page. */
function withPageLife(fault: Fault, random: Random): Fault {
  if (fault.kind === 'frozen') return { ...fault, standsDown: random.chance(0.5) }
  if (fault.kind !== 'crash' || random.chance(0.7)) return fault
  const { slot, atMs, downMs } = fault
  return { kind: 'closed', slot, atMs, downMs }
}

function drawFault(
  peers: number,
  genesis: Scenario['genesis'],
  activeMs: number,
  deltaMs: number,
  random: Random,
): Fault {
  const slot = random.int(0, peers - 1)
  const atMs = Math.round(random.float() * activeMs * 0.9)
  const spanMs = Math.round(deltaMs * random.int(1, 40))
  const untilMs = atMs + spanMs
  const point = random.pick(crashPoints)
  switch (random.int(0, genesis === 'grow' ? 11 : 10)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return { kind: 'crash', slot, atMs, point, downMs: spanMs }
    case 4:
      return { kind: 'crash', slot, atMs, point, downMs: null }
    case 5:
      return { kind: 'lostStorage', slot, atMs, downMs: spanMs }
    case 6:
    case 7:
    case 8: {
      const slots = Array.from({ length: peers }, (_, other) => other).filter(() => random.chance(0.5))
      const manner = random.pick(['cut', 'stall', 'stallInbound', 'stallOutbound'] as const)
      return { kind: 'partition', slots, atMs, untilMs, manner }
    }
    case 9:
      return { kind: 'throttled', slot, atMs, untilMs }
    case 10:
      return { kind: 'frozen', slot, atMs, untilMs }
    default:
      return { kind: 'leave', slot, atMs }
  }
}
