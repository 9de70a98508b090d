/**
 * One meta-election: interesting events, observers and meta-votes, read off the gossip graph (RFC 0049). What differs
 * between the section and the recordings of the reference implementation comes in as plain functions. Imports the core
 * only.
 *
 * Invariant: everything kept about an event is a function of its ancestry and of the agreed state that the election
 * started from, never of the order in which events arrived.
 */
import { type GossipGraph, isDescendantOf, tipOf, type Vertex } from '../gossip/graph.ts'
import { isSupermajority } from '../thresholds.ts'
import { FALSE, type Stage, TRUE, type Value } from './stage.ts'

/** A voter's side of one binary agreement "is the subject's content in?". */
export interface MetaVote {
  readonly stages: readonly Stage[]
  /** Per stage, the index of the creator's event that fixed the auxiliary value; -1: none yet. */
  readonly auxAt: readonly number[]
  readonly decision: Value
}

/** An interesting event and what it wants decided. */
export interface Candidate<Content> {
  readonly vertex: Vertex
  readonly content: Content
}

/** What an event by a voter says in this election. */
export interface MetaEvent<Content> {
  /** Not null exactly when the event is interesting. */
  readonly content: Content | null
  /** The first interesting event on the self-chain up to here: the creator's candidate as this branch tells it. */
  readonly candidate: Candidate<Content> | null
  /** On an observer, its creators' candidates that it strongly sees, by voter; null elsewhere. */
  readonly observees: readonly (Candidate<Content> | null)[] | null
  /** The event or a self-ancestor is an observer. */
  readonly observed: boolean
  /** By subject; null before the observer. */
  readonly votes: readonly MetaVote[] | null
}

/** The rules in which the two profiles differ. */
export interface ElectionRules<Content> {
  /** The nearest self-ancestor that takes part, if the event takes part; undefined if it does not. */
  readonly predecessor: (x: Vertex) => Vertex | null | undefined
  /** Candidate content at `x`; null if there is none. `before` is the meta-event of the predecessor. */
  readonly content: (x: Vertex, before: MetaEvent<Content> | null) => Content | null
  readonly stronglySees: (x: Vertex, y: Vertex) => boolean
  /** The next state of one agreement; `own` is null at the observer, whose first estimate is `first`. */
  readonly vote: (ballot: Ballot<Content>) => MetaVote
  /** Whether the votes at `x` decide the election. */
  readonly decides: (x: Vertex, meta: MetaEvent<Content>, election: Election<Content>) => boolean
}

/** What one step of one binary agreement depends on. */
export interface Ballot<Content> {
  readonly x: Vertex
  readonly subject: number
  readonly own: MetaVote | null
  readonly first: Value
  /** The other voters' last meta-events among x's ancestors, known forkers left out. */
  readonly others: readonly MetaEvent<Content>[]
  readonly voters: number
}

export interface Election<Content> {
  /** Creator numbers; a voter's position here is its number in the election. */
  readonly voters: readonly number[]
  /** Evaluates an event whose ancestors have been; true if the election is decided at it. */
  evaluate(x: Vertex): boolean
  /** The same without keeping anything. */
  preview(x: Vertex): MetaEvent<Content> | 'decided' | null
  isDecidedAt(x: Vertex): boolean
  metaEvent(x: Vertex): MetaEvent<Content> | undefined
  /** Candidates of one voter: one, unless it forked. */
  candidatesOf(voter: number): readonly Candidate<Content>[]
  /** The voter's candidate that some event among x and its ancestors observed; with forks at most one can be. */
  observedCandidate(voter: number, x: Vertex): Candidate<Content> | undefined
  /** The voter's candidate that x itself strongly sees. */
  strongSightOf(voter: number, x: Vertex): Candidate<Content> | undefined
  /** Every meta-event so far, by event index. */
  readonly metaEvents: ReadonlyMap<number, MetaEvent<Content>>
}

export function createElection<Content>(
  graph: GossipGraph,
  voters: readonly number[],
  rules: ElectionRules<Content>,
): Election<Content> {
  const metaEvents = new Map<number, MetaEvent<Content>>()
  const candidates: Candidate<Content>[][] = voters.map(() => [])
  const observers: { vertex: Vertex; observees: readonly (Candidate<Content> | null)[] }[] = []
  const decidedAt = new Set<number>()
  const voterNumbers = new Map(voters.map((creator, number) => [creator, number]))

  function inherits(x: Vertex): boolean {
    if (decidedAt.size === 0) return false
    if (x.selfParent && decidedAt.has(x.selfParent.index)) return true
    for (const other of x.otherParents) if (decidedAt.has(other.index)) return true
    return false
  }

  function compute(x: Vertex): MetaEvent<Content> | null {
    const voter = voterNumbers.get(x.creator)
    if (voter === undefined) return null
    const predecessor = rules.predecessor(x)
    if (predecessor === undefined) return null
    const before = (predecessor && metaEvents.get(predecessor.index)) || null
    const content = rules.content(x, before)
    const candidate = before?.candidate ?? (content === null ? null : { vertex: x, content })
    const observees = before?.observed ? null : observe(x)
    const observed = before?.observed || observees !== null
    const votes = observees || before?.votes ? vote(x, voter, before, observees) : null
    if (content === null && candidate === null && !observed) return null
    return { content, candidate, observees, observed, votes }
  }

  function observe(x: Vertex): readonly (Candidate<Content> | null)[] | null {
    // Most events come before a quorum of candidates exists at all.
    let possible = 0
    for (const own of candidates) if (own.length > 0) possible++
    if (!isSupermajority(possible, voters.length)) return null
    const observees: (Candidate<Content> | null)[] = []
    for (const own of candidates) {
      const seen = own.find((candidate) => rules.stronglySees(x, candidate.vertex)) ?? null
      // Of those left over, not all need be asked once too few of them could be seen.
      if (!seen && own.length > 0 && !isSupermajority(--possible, voters.length)) return null
      observees.push(seen)
    }
    return observees
  }

  function vote(
    x: Vertex,
    voter: number,
    before: MetaEvent<Content> | null,
    observees: readonly (Candidate<Content> | null)[] | null,
  ): readonly MetaVote[] {
    const others: MetaEvent<Content>[] = []
    for (let other = 0; other < voters.length; other++) {
      if (other === voter) continue
      const tip = tipOf(graph, x, voters[other] as number)
      const meta = tip && metaEvents.get(tip.index)
      if (meta?.votes) others.push(meta)
    }
    const previous = before?.votes ?? null
    const votes: MetaVote[] = []
    for (let subject = 0; subject < voters.length; subject++) {
      const first = observees?.[subject] ? TRUE : FALSE
      votes.push(rules.vote({ x, subject, own: previous?.[subject] ?? null, first, others, voters: voters.length }))
    }
    return votes
  }

  function evaluate(x: Vertex): boolean {
    if (inherits(x)) {
      decidedAt.add(x.index)
      return true
    }
    const meta = compute(x)
    if (!meta) return false
    metaEvents.set(x.index, meta)
    const voter = voterNumbers.get(x.creator) as number
    if (meta.candidate?.vertex === x) (candidates[voter] as Candidate<Content>[]).push(meta.candidate)
    if (meta.observees) observers.push({ vertex: x, observees: meta.observees })
    if (!rules.decides(x, meta, election)) return false
    decidedAt.add(x.index)
    return true
  }

  function observedCandidate(voter: number, x: Vertex): Candidate<Content> | undefined {
    const own = candidates[voter] as Candidate<Content>[]
    if (own.length <= 1) return own[0]
    const observer = observers.find(({ vertex, observees }) => observees[voter] && isDescendantOf(x, vertex))
    return observer?.observees[voter] ?? undefined
  }

  const election: Election<Content> = {
    voters,
    evaluate,
    preview: (x) => {
      if (inherits(x)) return 'decided'
      const meta = compute(x)
      return meta && rules.decides(x, meta, election) ? 'decided' : meta
    },
    isDecidedAt: (x) => decidedAt.has(x.index),
    metaEvent: (x) => metaEvents.get(x.index),
    candidatesOf: (voter) => candidates[voter] ?? [],
    observedCandidate,
    strongSightOf: (voter, x) => candidates[voter]?.find((candidate) => rules.stronglySees(x, candidate.vertex)),
    metaEvents,
  }
  return election
}

/** Whether every subject is decided at this meta-event. */
export function allDecided<Content>(meta: MetaEvent<Content>): boolean {
  return meta.votes?.every((vote) => vote.decision !== 0) ?? false
}
