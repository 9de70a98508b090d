/**
 * Links as data channels are: reliable and ordered while they are up. A loss breaks the link: what was under way is
 * gone, both ends are told a little later, and it comes up again. Reordering happens between links, never on one.
 * A link is up when both processes run, nothing cuts it and it is not recovering from a loss.
 */
import type { GossipMessage } from '../../src/core/io.ts'
import type { Engine } from '../engine.ts'
import type { Random } from '../random.ts'
import { type DelayModel, type LinkDelay, linkDelay } from './delay.ts'

/** What hosts say of themselves, beside what their cores say: that they fall asleep, or run again. */
export interface Presence {
  readonly kind: 'presence'
  readonly asleep: boolean
}

export type LinkMessage = GossipMessage | Presence

export interface Endpoint {
  up(peer: number, meanDelayMs: number): void
  down(peer: number): void
  receive(from: number, message: LinkMessage): void
}

/** Adds to a message's delay, having read it. */
export type Scheduler = (from: number, to: number, message: GossipMessage) => number

export interface NetworkOptions {
  readonly engine: Engine
  readonly random: Random
  readonly peers: number
  readonly deltaMs: number
  readonly delay: DelayModel
  readonly lossRate: () => number
  readonly duplicateRate: () => number
  readonly slowFactor: (slot: number) => number
  readonly missing: ReadonlySet<string>
  readonly scheduler: Scheduler | null
  /** Told of every delivery, in order. */
  readonly onDeliver: (from: number, to: number, message: LinkMessage) => void
}

export interface Network {
  attach(slot: number, endpoint: Endpoint): void
  detach(slot: number): void
  send(from: number, to: number, message: LinkMessage): void
  /** Cuts nest: a link is closed while any cut holds. */
  cut(a: number, b: number): void
  mend(a: number, b: number): void
  /** Holds what is sent in one direction. */
  stall(from: number, to: number): void
  release(from: number, to: number): void
  isUp(a: number, b: number): boolean
}

export const linkKey = (a: number, b: number) => (a < b ? `${a}-${b}` : `${b}-${a}`)

interface Direction {
  readonly delay: LinkDelay
  readonly random: Random
  lastArrivalMs: number
  stalls: number
  held: LinkMessage[]
  /** What the sending end believes. */
  believedUp: boolean
}

interface Pair {
  readonly low: number
  readonly high: number
  readonly directions: readonly [Direction, Direction]
  up: boolean
  connecting: boolean
  recovering: boolean
  cuts: number
  /** Deliveries of an earlier life of the link are dropped. */
  life: number
}

export function createNetwork(options: NetworkOptions): Network {
  const { engine, deltaMs, peers } = options
  const endpoints: (Endpoint | null)[] = new Array<Endpoint | null>(peers).fill(null)
  const pairs: Pair[] = []
  const setup = options.random.stream('connect')

  function createDirection(from: number, to: number): Direction {
    const factor = Math.max(options.slowFactor(from), options.slowFactor(to))
    const delay = linkDelay(options.delay, deltaMs * factor, from, to, peers)
    const random = options.random.stream(`${from}>${to}`)
    return { delay, random, lastArrivalMs: 0, stalls: 0, held: [], believedUp: false }
  }

  for (let high = 0; high < peers; high++) {
    for (let low = 0; low < high; low++) {
      const directions: [Direction, Direction] = [createDirection(low, high), createDirection(high, low)]
      const cuts = options.missing.has(linkKey(low, high)) ? 1 : 0
      pairs.push({ low, high, directions, up: false, connecting: false, recovering: false, cuts, life: 0 })
    }
  }

  function pairOf(a: number, b: number): Pair {
    const [low, high] = a < b ? [a, b] : [b, a]
    const pair = pairs[(high * (high - 1)) / 2 + low]
    if (pair === undefined) throw new Error(`no link ${a}-${b}`)
    return pair
  }

  const directionOf = (from: number, to: number) => pairOf(from, to).directions[from < to ? 0 : 1]
  const wanted = (pair: Pair) =>
    pair.cuts === 0 && !pair.recovering && endpoints[pair.low] !== null && endpoints[pair.high] !== null

  /** Tells one end, once, that its link is gone. */
  function tellDown(end: number, other: number): void {
    const direction = directionOf(end, other)
    if (!direction.believedUp) return
    direction.believedUp = false
    endpoints[end]?.down(other)
  }

  function tellUp(end: number, other: number): void {
    tellDown(end, other)
    const direction = directionOf(end, other)
    direction.believedUp = true
    endpoints[end]?.up(other, direction.delay.meanMs)
  }

  function open(pair: Pair): void {
    pair.up = true
    const life = ++pair.life
    for (const direction of pair.directions) direction.lastArrivalMs = engine.now()
    tellUp(pair.low, pair.high)
    // The first end may already have broken the link by what it did when told.
    if (pair.up && pair.life === life) tellUp(pair.high, pair.low)
  }

  function close(pair: Pair): void {
    if (!pair.up) return
    pair.up = false
    const life = ++pair.life
    for (const direction of pair.directions) direction.held = []
    for (const [end, other] of [
      [pair.low, pair.high],
      [pair.high, pair.low],
    ] as const) {
      engine.after(deltaMs * (0.5 + setup.float()), () => {
        if (pair.life === life) tellDown(end, other)
      })
    }
  }

  function reconcile(pair: Pair): void {
    if (!wanted(pair)) {
      close(pair)
      return
    }
    if (pair.up || pair.connecting) return
    pair.connecting = true
    engine.after(deltaMs * 0.5 * setup.float(), () => {
      pair.connecting = false
      if (wanted(pair) && !pair.up) open(pair)
    })
  }

  function breakLink(pair: Pair, random: Random): void {
    pair.recovering = true
    reconcile(pair)
    engine.after(deltaMs * (1 + 5 * random.float()), () => {
      pair.recovering = false
      reconcile(pair)
    })
  }

  function transmit(from: number, to: number, message: LinkMessage): void {
    const pair = pairOf(from, to)
    const direction = directionOf(from, to)
    const { random } = direction
    if (options.lossRate() > 0 && random.chance(options.lossRate())) {
      breakLink(pair, random)
      return
    }
    const copies = options.duplicateRate() > 0 && random.chance(options.duplicateRate()) ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      const extraMs =
        options.scheduler === null || message.kind === 'presence' ? 0 : options.scheduler(from, to, message)
      const arrivalMs = Math.max(direction.lastArrivalMs, engine.now() + direction.delay.draw(random) + extraMs)
      direction.lastArrivalMs = arrivalMs
      const { life } = pair
      engine.at(arrivalMs, () => {
        if (pair.life !== life) return
        options.onDeliver(from, to, message)
        endpoints[to]?.receive(from, message)
      })
    }
  }

  const eachPairOf = (slot: number, visit: (pair: Pair) => void) => {
    for (let other = 0; other < peers; other++) if (other !== slot) visit(pairOf(slot, other))
  }

  return {
    attach(slot, endpoint) {
      endpoints[slot] = endpoint
      eachPairOf(slot, reconcile)
    },
    detach(slot) {
      endpoints[slot] = null
      eachPairOf(slot, (pair) => {
        directionOf(slot, pair.low === slot ? pair.high : pair.low).believedUp = false
        reconcile(pair)
      })
    },
    send(from, to, message) {
      const direction = directionOf(from, to)
      if (!pairOf(from, to).up || !direction.believedUp) return
      if (direction.stalls > 0) direction.held.push(message)
      else transmit(from, to, message)
    },
    cut(a, b) {
      pairOf(a, b).cuts++
      reconcile(pairOf(a, b))
    },
    mend(a, b) {
      pairOf(a, b).cuts--
      reconcile(pairOf(a, b))
    },
    stall(from, to) {
      directionOf(from, to).stalls++
    },
    release(from, to) {
      const direction = directionOf(from, to)
      direction.stalls--
      if (direction.stalls > 0) return
      const { held } = direction
      direction.held = []
      for (const message of held) transmit(from, to, message)
    },
    isUp: (a, b) => pairOf(a, b).up,
  }
}
