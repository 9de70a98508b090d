/**
 * The reference profile: the recorded implementation's content rule, batch order and way from one election to the
 * next, on the graph, election and counting that the section runs. Imports the core only.
 */
import type { PeerId } from '../gossip/event.ts'
import { createGossipGraph, type GossipGraph, isDescendantOf, stronglySees, type Vertex } from '../gossip/graph.ts'
import { isSupermajority } from '../thresholds.ts'
import { allDecided, createElection, type Election, type MetaEvent } from './election.ts'
import { referenceVote } from './reference-vote.ts'
import { FALSE, TRUE } from './stage.ts'

/** Something that can be voted for; positions in the list given at the start name payloads, in the order of their keys. */
export interface ReferencePayload {
  readonly mode: 'single' | 'supermajority'
  readonly change: { readonly kind: 'add' | 'remove'; readonly peer: PeerId } | null
}

export interface ReferenceEvent {
  readonly id: string
  readonly creator: PeerId
  readonly seq: number
  readonly selfParent: string | null
  readonly otherParents: readonly string[]
  /** Requesting, request or response: those that take part in elections. */
  readonly sync: boolean
  readonly payload: number | null
}

/** Payloads an interesting event lists, in its order. */
export type ReferenceContent = readonly number[]

export interface ReferenceState {
  readonly graph: GossipGraph
  /** Decided payloads, in order. */
  readonly history: readonly number[]
  readonly voters: readonly PeerId[]
  readonly election: Election<ReferenceContent>
  /** Events that have a meta-event. */
  readonly evaluated: ReadonlySet<number>
  /** Events that carry a payload not decided yet. */
  readonly undecided: ReadonlySet<number>
}

export interface ReferenceProfile {
  insert(event: ReferenceEvent): void
  readonly state: ReferenceState
}

export interface ReferenceOptions {
  readonly self: PeerId
  readonly genesis: readonly PeerId[]
  readonly payloads: readonly ReferencePayload[]
  /** The toss for entering a round. */
  readonly coin: (round: number) => boolean
  /** Called whenever an election has just been decided, before its batch is applied. */
  readonly onDeciding?: (state: ReferenceState) => void
}

export function createReferenceProfile(options: ReferenceOptions): ReferenceProfile {
  const graph = createGossipGraph()
  const events: ReferenceEvent[] = []
  // The recorded implementation counts all creators when it asks what is strongly seen, voters or not.
  const everybody: number[] = []
  const history: number[] = []
  const decidedPayloads = new Set<number>()
  const undecided = new Set<number>()
  const carriers = new Map<number, Vertex[]>()
  let voters = options.genesis.slice()
  let kept = new Map<number, ReferenceContent>()
  let evaluated = new Set<number>()
  let listed = new Map<number, ReadonlySet<number>>()
  let election = begin()
  let stopped = false

  function state(): ReferenceState {
    return { graph, history, voters, election, evaluated, undecided }
  }

  function isSync(x: Vertex): boolean {
    return (events[x.index] as ReferenceEvent).sync
  }

  function predecessor(x: Vertex): Vertex | null | undefined {
    if (!isSync(x)) return undefined
    let self = x.selfParent
    while (self && !isSync(self)) self = self.selfParent
    return self
  }

  function content(x: Vertex): ReferenceContent | null {
    const before = listedBy(predecessor(x) ?? null)
    const own = kept.get(x.index) ?? newContent(x, before)
    kept.set(x.index, own)
    if (own.length === 0) return null
    listed.set(x.index, new Set([...before, ...own]))
    return own
  }

  /** What the self-chain has listed up to and including this event in this election. */
  function listedBy(x: Vertex | null): ReadonlySet<number> {
    for (let self = x; self; self = predecessor(self) ?? null) {
      const here = listed.get(self.index)
      if (here) return here
    }
    return NOTHING
  }

  function newContent(x: Vertex, before: ReadonlySet<number>): ReferenceContent {
    const ready: number[] = []
    for (const [payload, at] of carriers) {
      if (decidedPayloads.has(payload) || before.has(payload)) continue
      if (at.some((carrier) => isDescendantOf(x, carrier)) && qualifies(x, payload, at)) ready.push(payload)
    }
    const ownVote = (payload: number) => {
      const seqs = (carriers.get(payload) as Vertex[])
        .filter((v) => v.creator === x.creator && isDescendantOf(x, v))
        .map((v) => v.seq)
      return seqs.length > 0 ? Math.min(...seqs) : Number.POSITIVE_INFINITY
    }
    return ready
      .map((payload) => ({ payload, at: ownVote(payload) }))
      .sort((a, b) => (a.at === b.at ? a.payload - b.payload : a.at - b.at))
      .map(({ payload }) => payload)
  }

  function qualifies(x: Vertex, payload: number, at: readonly Vertex[]): boolean {
    const single = options.payloads[payload]?.mode === 'single'
    let count = 0
    for (const voter of election.voters) {
      const counts = single
        ? graph.branchesOf(voter).some((b) => (x.highest[b] ?? -1) >= 0)
        : at.some((carrier) => carrier.creator === voter && isDescendantOf(x, carrier))
      if (counts) count++
    }
    return isSupermajority(count, election.voters.length)
  }

  function begin(): Election<ReferenceContent> {
    const numbers = voters.map((peer) => graph.creatorOf(peer))
    return createElection(graph, numbers, {
      predecessor,
      content,
      stronglySees: (x, y) => stronglySees(graph, x, y, everybody, numbers.length),
      vote: (ballot) => referenceVote((round) => (options.coin(round) ? TRUE : FALSE), ballot),
      decides: (_x, meta) => allDecided(meta),
    })
  }

  /** Evaluates from this position on; each decision starts another election, perhaps further back. */
  function run(from: number): void {
    for (let position = from; position < graph.vertices.length && !stopped; position++) {
      const x = graph.vertices[position] as Vertex
      const isDecided = election.evaluate(x)
      if (isSync(x) && election.voters.includes(x.creator)) evaluated.add(position)
      const batch = soleVoterBatch(x) ?? (isDecided ? orderBatch(x) : [])
      if (batch.length === 0) continue
      options.onDeciding?.(state())
      const resume = apply(batch, x)
      if (resume <= position) position = resume - 1
    }
  }

  function soleVoterBatch(x: Vertex): readonly number[] | null {
    if (election.voters.length !== 1 || election.voters[0] !== x.creator) return null
    return election.candidatesOf(0)[0]?.content ?? null
  }

  /** Earliest place in any list first, then the payload that most lists hold, then key order. */
  function orderBatch(x: Vertex): readonly number[] {
    const meta = election.metaEvent(x) as MetaEvent<ReferenceContent>
    const places = new Map<number, { first: number; lists: number }>()
    election.voters.forEach((_, voter) => {
      if (meta.votes?.[voter]?.decision !== TRUE) return
      election.observedCandidate(voter, x)?.content.forEach((payload, place) => {
        const known = places.get(payload)
        if (known) places.set(payload, { first: Math.min(known.first, place), lists: known.lists + 1 })
        else places.set(payload, { first: place, lists: 1 })
      })
    })
    return [...places]
      .sort(([a, p], [b, q]) => p.first - q.first || q.lists - p.lists || a - b)
      .map(([payload]) => payload)
  }

  /** Applies a batch; answers with the position to evaluate from. */
  function apply(batch: readonly number[], at: Vertex): number {
    let votersChanged = false
    for (const payload of batch) {
      history.push(payload)
      decidedPayloads.add(payload)
      for (const carrier of carriers.get(payload) ?? []) undecided.delete(carrier.index)
      const change = options.payloads[payload]?.change
      if (!change) continue
      votersChanged = true
      if (change.kind === 'remove') voters = voters.filter((peer) => peer !== change.peer)
      else if (!voters.includes(change.peer)) voters = [...voters, change.peer]
    }
    const start = Math.min(graph.vertices.length, ...undecided)
    const observers = [...election.metaEvents].filter(([, meta]) => meta.observees).map(([index]) => index)
    const resume = votersChanged ? start : Math.max(start, observers.length > 0 ? Math.min(...observers) : start)
    resumeFrom(resume, start, votersChanged)
    stopped = !voters.includes(options.self)
    return Math.min(resume, at.index + 1)
  }

  function resumeFrom(resume: number, start: number, fresh: boolean): void {
    const earlier = fresh ? [] : [...kept].filter(([index]) => index >= start)
    kept = new Map(earlier.map(([index, list]) => [index, list.filter((payload) => !decidedPayloads.has(payload))]))
    evaluated = new Set(fresh ? [] : [...evaluated].filter((index) => index >= start))
    listed = new Map()
    election = begin()
    for (const index of [...kept.keys()].sort((a, b) => a - b)) {
      if (index < resume) election.evaluate(graph.vertices[index] as Vertex)
    }
  }

  return {
    insert: (event) => {
      const vertex = graph.insert(event)
      graph.name(vertex, event.id)
      events.push(event)
      if (!everybody.includes(vertex.creator)) everybody.push(vertex.creator)
      if (event.payload !== null) {
        const at = carriers.get(event.payload)
        if (at) at.push(vertex)
        else carriers.set(event.payload, [vertex])
        if (!decidedPayloads.has(event.payload)) undecided.add(vertex.index)
      }
      run(vertex.index)
    },
    get state() {
      return state()
    },
  }
}

const NOTHING: ReadonlySet<number> = new Set()
