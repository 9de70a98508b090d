/**
 * Random gossip graphs: forked, lagging, growing. A world is a list of small numbers that are read as instructions, so
 * that every list makes a well-formed graph and fast-check can shrink it. Pure. Imports test helpers and core types.
 */
import fc from 'fast-check'
import type { EventContent, EventId, GossipEvent, PeerId } from '../src/core/gossip/event.ts'
import type { Hashing } from '../src/core/io.ts'
import type { Coin } from '../src/core/options.ts'
import type { Genesis } from '../src/core/section/block.ts'
import type { Observation } from '../src/core/section/observation.ts'
import { createModel } from './model/model.ts'
import { defaultTimeMs, peerId, peerName, testGenesis, transactionBytes } from './notation.ts'

/** One event: every number is read modulo the choices that there are. */
export interface Step {
  readonly who: number
  /** One bit per peer: merge its news? */
  readonly merge: number
  /** How far behind the head the merged events are, two bits per peer. */
  readonly lag: number
  /** Which branch of a forker is shown, which own branch a forker continues; 0 of `fork` starts a new one. */
  readonly branch: number
  readonly fork: number
  readonly transactions: number
  /** Which observation of the plan is voted for, if it is one of its numbers. */
  readonly say: number
}

export interface World {
  readonly founders: number
  /** Peers that are not founders, to be added and promoted by the plan. */
  readonly joiners: number
  /** The last so many founders may fork. */
  readonly forkers: number
  /** The first so many founders create nothing after a number of steps. */
  readonly crashed: number
  readonly crashAfter: number
  /** One other-parent at a time, as in classic gossip: slower to agree, and so more stages of agreement. */
  readonly classic: boolean
  readonly steps: readonly Step[]
}

const NAMES = 'ABCDEFGHIJKLM'

/** Every so many steps a transaction, all numbers uniform. Shrinks by leaving steps out. */
export function worlds(bounds: {
  readonly founders: readonly [number, number]
  readonly joiners?: number
  readonly steps: number
  /** Forkers up to the f that the founders tolerate. */
  readonly forks?: boolean
}): fc.Arbitrary<World> {
  const nat = (max: number) => fc.nat({ max })
  const step = fc.record<Step>({
    ...{
      who: nat(839),
      merge: fc.oneof(nat(0x1fff), fc.constant(0x1fff)),
      lag: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, nat(0x3ffffff)),
    },
    ...{
      branch: nat(59),
      fork: nat(5),
      transactions: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, nat(2)),
      say: nat(9),
    },
  })
  return fc.integer({ min: bounds.founders[0], max: bounds.founders[1] }).chain((founders) => {
    const f = Math.ceil(founders / 3) - 1
    return fc.integer({ min: 0, max: bounds.forks === false ? 0 : f }).chain((forkers) =>
      fc.record<World>({
        ...{ founders: fc.constant(founders), joiners: nat(bounds.joiners ?? 0), forkers: fc.constant(forkers) },
        ...{ crashed: nat(f - forkers), crashAfter: nat(bounds.steps), classic: fc.boolean() },
        steps: fc.array(step, { minLength: 1, maxLength: bounds.steps, size: 'max' }),
      }),
    )
  })
}

export interface Drawn {
  readonly genesis: Genesis
  /** In the order of creation. */
  readonly events: readonly GossipEvent[]
}

/** The graph of a world. Joiners create events only where the model says that they are members. */
export function drawWorld(world: World, hashing: Hashing, coin: Coin): Drawn {
  const names = [...NAMES].slice(0, world.founders + world.joiners)
  const genesis = testGenesis(names.slice(0, world.founders))
  const model = createModel({ genesis, hashing, coin })
  const graph = createDrawing(hashing, hashing.genesis(genesis))
  const growing = world.joiners > 0
  world.steps.forEach((step, index) => {
    const who = step.who % names.length
    const creator = peerId(names[who] as string)
    if (who < world.crashed && index >= world.crashAfter) return
    const forks = who >= world.founders - world.forkers && who < world.founders
    const merge = world.classic ? 1 << (step.merge % names.length) : step.merge
    const parents = graph.choose(creator, forks, { ...step, merge }, names)
    if (growing) {
      const agreed = model.agreedAt(parents.all)
      if (!agreed.members.includes(creator)) return
      const event = graph.create(creator, parents, step, propose(step, names, agreed, graph.said(parents.self)))
      model.add([event])
    } else graph.create(creator, parents, step, [])
  })
  return { genesis, events: graph.events }
}

type Agreed = ReturnType<ReturnType<typeof createModel>['agreedAt']>

/** Deterministic from what is agreed, so that votes meet; nobody says the same twice on a branch. */
function propose(step: Step, names: readonly string[], agreed: Agreed, said: readonly Observation[]): Observation[] {
  const since = (peer: PeerId) => agreed.memberChanges.get(peer) ?? 0
  const all = names.map(peerId)
  const outside = all.filter((peer) => !agreed.members.includes(peer))
  const waiting = agreed.members.filter((peer) => !agreed.voters.includes(peer))
  const { voters } = agreed
  const [newcomer, next, eldest] = [outside[0], waiting[0], voters[0]]
  const plan: (Observation | null)[] = [
    newcomer ? { kind: 'add', peer: newcomer, since: since(newcomer) } : null,
    newcomer ? { kind: 'add', peer: newcomer, since: since(newcomer) } : null,
    next ? { kind: 'voters', promote: waiting, demote: [], since: agreed.votersChanged } : null,
    next ? { kind: 'voters', promote: [next], demote: voters.slice(0, 1), since: agreed.votersChanged } : null,
    eldest && voters.length > 4 ? { kind: 'remove', peer: eldest, since: since(eldest) } : null,
    { kind: 'vote', value: new Uint8Array([agreed.height % 2]) },
  ]
  const chosen = plan[step.say]
  const isNew = chosen && !said.some((before) => JSON.stringify(before) === JSON.stringify(chosen))
  return chosen && isNew ? [chosen] : []
}

interface Parents {
  readonly self: GossipEvent | null
  readonly others: readonly GossipEvent[]
  readonly all: readonly GossipEvent[]
}

/** Keeps the branches of everybody and makes events. */
function createDrawing(hashing: Hashing, sectionId: string) {
  const events: GossipEvent[] = []
  const byId = new Map<EventId, GossipEvent>()
  const branchOf = new Map<EventId, number>()
  const ancestors = new Map<EventId, ReadonlySet<EventId>>()
  const by = (creator: PeerId) => events.filter((event) => event.creator === creator)
  const heads = (creator: PeerId) => by(creator).filter((a) => !by(creator).some((b) => b.selfParent === a.id))

  function choose(creator: PeerId, forks: boolean, step: Step, names: readonly string[]): Parents {
    const own = forks && step.fork === 0 ? [null, ...by(creator)] : heads(creator)
    const self = own[step.branch % Math.max(1, own.length)] ?? null
    const others = names.flatMap((name, index) => {
      const peer = peerId(name)
      if (peer === creator || ((step.merge >> index) & 1) === 0) return []
      const lag = Math.floor(step.lag / 4 ** index) % 4
      const known = new Set(self ? ancestors.get(self.id) : [])
      const other = back(pick(heads(peer), step.branch), lag)
      return other && !known.has(other.id) ? [other] : []
    })
    return { self, others, all: self ? [self, ...others] : others }
  }

  const pick = (all: readonly GossipEvent[], branch: number) => all[branch % Math.max(1, all.length)] ?? null

  function back(event: GossipEvent | null, count: number): GossipEvent | null {
    const parent = event?.selfParent ? byId.get(event.selfParent) : undefined
    return count === 0 || !parent ? event : back(parent, count - 1)
  }

  function create(creator: PeerId, parents: Parents, step: Step, observations: readonly Observation[]): GossipEvent {
    const { self, others, all } = parents
    const seq = self ? self.seq + 1 : 0
    const isFork = by(creator).some((event) => event.selfParent === (self?.id ?? null))
    const branches = by(creator).map((event) => branchOf.get(event.id) ?? 0)
    const branch = isFork ? Math.max(...branches) + 1 : self ? (branchOf.get(self.id) ?? 0) : 0
    const transactions = Array.from({ length: step.transactions }, (_, index) =>
      transactionBytes(peerName(creator), seq, branch, index),
    )
    const content: EventContent = {
      ...{ sectionId, creator, seq, selfParent: self?.id ?? null, otherParents: others.map(({ id }) => id) },
      createdAtMs: defaultTimeMs(seq, branch) + 100 * step.say,
      attest: { height: 0, blockHash: sectionId },
      body: { transactions, observations },
    }
    const event = { ...content, id: hashing.event(content) }
    events.push(event)
    byId.set(event.id, event)
    branchOf.set(event.id, branch)
    ancestors.set(event.id, new Set([event.id, ...all.flatMap((parent) => [...(ancestors.get(parent.id) ?? [])])]))
    return event
  }

  function said(event: GossipEvent | null): Observation[] {
    if (event === null) return []
    return [...event.body.observations, ...said(event.selfParent ? (byId.get(event.selfParent) ?? null) : null)]
  }

  return { events, choose, create, said }
}

/** The same events in another topological order; `choose(n)` draws below n. */
export function shuffled(events: readonly GossipEvent[], choose: (below: number) => number): GossipEvent[] {
  const [left, placed] = [[...events], new Set<EventId | null>([null])]
  const order: GossipEvent[] = []
  while (left.length > 0) {
    const free = left.filter((event) => [event.selfParent, ...event.otherParents].every((parent) => placed.has(parent)))
    const next = free[choose(free.length)] as GossipEvent
    order.push(next)
    placed.add(next.id)
    left.splice(left.indexOf(next), 1)
  }
  return order
}
