/**
 * What one election decided, as a set and then as an order. Imports the core only.
 *
 * Invariant: nothing here depends on which subjects were decided true, only on the union of their contents: early
 * deciders do not know the rest.
 */
import type { Hash, PeerId } from '../gossip/event.ts'
import { type GossipGraph, hasForkWithin, lastWithin, type Vertex } from '../gossip/graph.ts'
import type { Candidate } from '../meta-voting/election.ts'
import type { Carriers } from './carriers.ts'
import type { AgreedState } from './state.ts'

/** Candidate content: every undecided transaction in the candidate's ancestry, and these observations. */
export interface SectionContent {
  readonly observations: readonly Hash[]
}

export interface Batch {
  /** In causal order; ties by tie-break hash. */
  readonly events: readonly Vertex[]
  /** Keys, in order of their tie-break hash. */
  readonly observations: readonly Hash[]
}

/** Per branch, the highest of these vectors. */
export function join(vectors: Iterable<ArrayLike<number>>): number[] {
  const joined: number[] = []
  for (const vector of vectors) {
    for (let b = 0; b < vector.length; b++) {
      const seq = vector[b] as number
      if (b >= joined.length) joined.push(seq)
      else if (seq > (joined[b] as number)) joined[b] = seq
    }
  }
  return joined
}

/** Whether all that `part` wants is among what `whole` wants. */
export function isWithin(
  carriers: Carriers,
  state: AgreedState,
  part: Candidate<SectionContent>,
  whole: readonly Candidate<SectionContent>[],
): boolean {
  const isWanted = (key: Hash) => whole.some((candidate) => candidate.content.observations.includes(key))
  if (!part.content.observations.every(isWanted)) return false
  const { highest } = part.vertex
  for (let b = 0; b < highest.length; b++) {
    const seq = highest[b] as number
    const last = seq < 0 ? -1 : carriers.lastUpTo(b, seq)
    if (last <= (state.decidedUpTo[b] ?? -1)) continue
    if (!whole.some((candidate) => (candidate.vertex.highest[b] ?? -1) >= last)) return false
  }
  return true
}

export function toBatch(
  carriers: Carriers,
  state: AgreedState,
  decided: readonly Candidate<SectionContent>[],
  tieBreak: (id: Hash) => Hash,
  idOf: (vertex: Vertex) => Hash,
): Batch {
  const upTo = join(decided.map((candidate) => candidate.vertex.highest))
  const events = causalOrder(carriers.between(state.decidedUpTo, upTo), (vertex) => tieBreak(idOf(vertex)))
  const keys = new Set(decided.flatMap((candidate) => candidate.content.observations))
  const observations = [...keys].map((key) => ({ key, tie: tieBreak(key) })).sort((a, b) => (a.tie < b.tie ? -1 : 1))
  return { events, observations: observations.map(({ key }) => key) }
}

/** Of all events whose ancestors in the batch stand already, the one with the smallest tie-break hash is next. */
function causalOrder(queues: readonly (readonly Vertex[])[], tieBreak: (vertex: Vertex) => Hash): Vertex[] {
  const ordered: Vertex[] = []
  const position = queues.map(() => 0)
  const ties = new Map<Vertex, Hash>()
  const tieOf = (vertex: Vertex) => {
    let tie = ties.get(vertex)
    if (tie === undefined) {
      tie = tieBreak(vertex)
      ties.set(vertex, tie)
    }
    return tie
  }
  const busy = queues.flatMap((queue, b) => (queue.length > 0 ? [b] : []))
  const isReady = (vertex: Vertex) =>
    busy.every((b) => {
      const head = queues[b]?.[position[b] as number]
      return !head || head === vertex || (vertex.highest[b] ?? -1) < head.seq
    })
  for (;;) {
    let next: Vertex | undefined
    for (const b of busy) {
      const head = queues[b]?.[position[b] as number]
      if (head && isReady(head) && (!next || tieOf(head) < tieOf(next))) next = head
    }
    if (!next) return ordered
    ordered.push(next)
    position[next.branch] = (position[next.branch] as number) + 1
  }
}

/**
 * Median over the voters of their clocks at their latest event in the batch's ancestry; a voter without one, or known
 * there to have forked, counts as the previous block's time. At least the previous time + 1.
 */
export function blockTime(
  graph: GossipGraph,
  state: AgreedState,
  ancestry: readonly number[],
  createdAtMs: (vertex: Vertex) => number,
): number {
  const times = state.voters.map((peer) => {
    const voter = graph.creatorOf(peer)
    const last = hasForkWithin(graph, ancestry, voter) ? undefined : lastWithin(graph, ancestry, voter)
    return last ? createdAtMs(last) : state.lastTimeMs
  })
  times.sort((a, b) => a - b)
  const median = times[(times.length - 1) >> 1] ?? state.lastTimeMs
  return Math.max(median, state.lastTimeMs + 1)
}

/** Voters without a new event in the last two batches: "no" about them is the quick answer (bias). */
export function absentVoters(graph: GossipGraph, state: AgreedState): ReadonlySet<PeerId> {
  if (state.batchesWithEvents < 2) return NOBODY
  const [now, , before] = state.batchAncestry
  return new Set(
    state.voters.filter((peer) =>
      graph.branchesOf(graph.creatorOf(peer)).every((b) => (now[b] ?? -1) <= (before[b] ?? -1)),
    ),
  )
}

const NOBODY: ReadonlySet<PeerId> = new Set()
