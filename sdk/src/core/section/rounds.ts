/**
 * The elections, one after another: the open one, the last few before it, and on demand any other. Imports the core only.
 *
 * Invariants: election k is a function of the graph and of the state that it starts from, so that one which is begun anew
 * comes to what it came to before; it has evaluated exactly those events before its `upTo` at whose parents no election
 * after it is decided, in order of insertion. A decided one is brought up to date when it is asked for: who is behind is
 * evaluated in the first election that is open there, and in the open one of all.
 *
 * What a member can make us compute anew is bounded: its self-chain passes every election once, and as long as its late
 * events keep to one election that one is kept. To have an election computed for each of its events, a member must fork,
 * which is proven at once, or more members than `RECOMPUTED_MAX` must be behind in different places at the same time; then
 * an event costs the evaluation of the events of one election.
 */
import { type GossipGraph, parentsOf, type Vertex } from '../gossip/graph.ts'
import { invariant } from '../invariant.ts'
import type { Election } from '../meta-voting/election.ts'
import { createIntegers } from '../numbers.ts'
import type { SectionContent } from './batch.ts'
import type { AgreedState } from './state.ts'

export type SectionElection = Election<SectionContent>

/** An election with the state it started from. */
export interface Round {
  readonly state: AgreedState
  readonly election: SectionElection
  /** Whether an agreement of the election has come to a flip of the coin. */
  readonly flips: boolean
}

/** How many decided elections are kept beside the open one. Who lags by no more costs nothing. */
export const KEPT_ELECTIONS = 8
/** How many of those before are kept after they were computed anew, the last ones asked for. */
export const RECOMPUTED_MAX = 4

export interface RoundsOptions {
  readonly graph: GossipGraph
  readonly kept: number
  readonly stateOf: (election: number) => AgreedState
  readonly begin: (state: AgreedState) => Round
  /** The first event that may take part, as far as the graph goes now. */
  readonly startOf: (round: Round) => number
}

export interface Rounds {
  /** With the open one. */
  readonly count: number
  /** Begins the next; answers with the first event that decides it already. */
  open(state: AgreedState): Vertex | null
  /** Call for every event, when it is in the graph and before anything is asked about it. */
  note(vertex: Vertex): void
  /** The most elections, from the first on without a gap, that one parent decides by itself. */
  decidedBefore(vertex: Vertex): number
  /** How many elections, from the first on without a gap, are decided at an event that was settled. */
  decidedAt(vertex: Vertex): number
  /** Takes note of that number. In order of insertion. */
  settle(decided: number): void
  /** Up to date with the graph. */
  round(election: number): Round
  /** The open one and those just before it. */
  isRecent(election: number): boolean
  /** How many are in memory. */
  readonly kept: number
  /** Events before this index came before every recent election. */
  readonly recentFrom: number
}

interface Kept {
  readonly round: Round
  /** Events before this index have been evaluated, or need not be. */
  upTo: number
}

export function createRounds({ graph, kept, stateOf, begin, startOf }: RoundsOptions): Rounds {
  // The open election and those that are kept.
  const recent = new Map<number, Kept>()
  // Computed anew; the one that was asked for last stands last.
  const recomputed = new Map<number, Kept>()
  // By election: the first event that could take part, and the number of events there were, when it was begun.
  const starts = createIntegers()
  const sizes = createIntegers()
  // Events at which an election is open that was not recent when they came, in order of insertion.
  const late = createIntegers()
  const decided = createIntegers()

  const isRecent = (election: number) => election >= starts.length - 1 - kept && election < starts.length

  function decidedBefore(vertex: Vertex): number {
    let most = 0
    for (const { index } of parentsOf(vertex)) most = Math.max(most, decided.at(index) as number)
    return most
  }

  function keptRound(election: number): Kept {
    const known = recent.get(election) ?? recomputed.get(election)
    invariant(known || (election >= 0 && election < starts.length), `election ${election} has not begun`)
    const found = known ?? { round: begin(stateOf(election)), upTo: starts.at(election) as number }
    if (recent.has(election)) return found
    recomputed.delete(election)
    recomputed.set(election, found)
    if (recomputed.size > RECOMPUTED_MAX) recomputed.delete(recomputed.keys().next().value as number)
    return found
  }

  /** Answers with the first event, of those not evaluated before, that decides it. */
  function update(election: number, one: Kept): Vertex | null {
    let first: Vertex | null = null
    const evaluate = (index: number) => {
      const vertex = graph.vertices[index] as Vertex
      if (decidedBefore(vertex) <= election && one.round.election.evaluate(vertex)) first ??= vertex
    }
    // Whatever came after this and takes part in the election all the same is among the late.
    const end = Math.min(graph.vertices.length, sizes.at(election + kept + 1) ?? Number.POSITIVE_INFINITY)
    let from = one.upTo
    one.upTo = graph.vertices.length
    for (; from < end; from++) evaluate(from)
    for (let at = firstLateFrom(from); at < late.length; at++) evaluate(late.at(at) as number)
    return first
  }

  function firstLateFrom(index: number): number {
    let low = 0
    for (let high = late.length; low < high; ) {
      const middle = (low + high) >> 1
      if ((late.at(middle) as number) >= index) high = middle
      else low = middle + 1
    }
    return low
  }

  return {
    get count() {
      return starts.length
    },
    open(state) {
      const round = begin(state)
      const one = { round, upTo: Math.min(startOf(round), graph.vertices.length) }
      const election = starts.length
      starts.push(one.upTo)
      sizes.push(graph.vertices.length)
      recent.set(election, one)
      recent.delete(election - kept - 1)
      return update(election, one)
    },
    note(vertex) {
      if (!isRecent(decidedBefore(vertex))) late.push(vertex.index)
    },
    decidedBefore,
    decidedAt: ({ index }) => decided.at(index) as number,
    settle: decided.push,
    round(election) {
      const one = keptRound(election)
      if (one.upTo < graph.vertices.length) update(election, one)
      return one.round
    },
    isRecent,
    get kept() {
      return recent.size + recomputed.size
    },
    get recentFrom() {
      return sizes.at(starts.length - 1 - kept) ?? 0
    },
  }
}
