/**
 * When to create the next event. Imports the core only.
 *
 * An event is worth its cost when somebody can go on because of it: as soon as it passes a milestone of the election,
 * and at the latest a little more than 2δ after the last one. An idle section creates none.
 */
import { type GossipGraph, isDescendantOf, knowsFork, sees, tipOf, type Vertex } from './gossip/graph.ts'
import type { MetaEvent } from './meta-voting/election.ts'
import { auxValueOf } from './meta-voting/stage.ts'
import type { SectionContent } from './section/batch.ts'
import type { SectionElection } from './section/rounds.ts'
import { isSupermajority } from './thresholds.ts'

/** Delays in milliseconds, from the measured one-way delay δ. Floors keep timers honest on a fast link. */
export interface PacingDelays {
  /** Least time between two own events: 0.1δ. */
  readonly betweenEventsMs: number
  /** Least time between two submissions' events: 0.25δ. */
  readonly betweenSubmissionsMs: number
  /** How long a quorum waits for the rest: 0.25δ. */
  readonly graceMs: number
  /** Longest silence while something is undecided: a round trip and a little, so that answers arrive before it ends. */
  readonly silenceMs: number
}

const LONGEST_SILENCE_MS = 60_000

export function pacingDelays(oneWayMs: number): PacingDelays {
  return {
    betweenEventsMs: Math.max(1, 0.1 * oneWayMs),
    betweenSubmissionsMs: Math.max(2, 0.25 * oneWayMs),
    graceMs: Math.max(2, 0.25 * oneWayMs),
    silenceMs: Math.max(20, 2.25 * oneWayMs),
  }
}

/** What the next own event would be worth. */
export type Prospect =
  /** The last own event took no part in the election yet, or the next would decide it: create at once. */
  | 'urgent'
  /** It passes a milestone and all expected voters are as far as we are. */
  | 'complete'
  /** It passes a milestone with a quorum; somebody is still missing. */
  | 'quorum'
  /** News, but no milestone. */
  | 'news'
  /** It would tell the others nothing. */
  | 'nothing'

export interface PacingState {
  readonly lastOwnMs: number
  readonly undecidedSinceMs: number
  /** When the prospect first became `quorum` after the last own event. */
  readonly quorumSinceMs: number
  /** Own events in a row that passed no milestone: each doubles the silence, or voters without a quorum would chatter. */
  readonly fruitless: number
}

/** When to create the next event, in the host's milliseconds; null: not before something else happens. */
export function dueMs(prospect: Prospect, nowMs: number, delays: PacingDelays, state: PacingState): number | null {
  if (prospect === 'nothing') return null
  const silenceMs = Math.min(LONGEST_SILENCE_MS, delays.silenceMs * 2 ** Math.min(state.fruitless, 16))
  let due = Math.max(state.lastOwnMs, state.undecidedSinceMs) + Math.max(delays.silenceMs, silenceMs)
  if (prospect === 'urgent' || prospect === 'complete') due = Math.min(due, nowMs)
  if (prospect === 'quorum') due = Math.min(due, state.quorumSinceMs + delays.graceMs)
  return Math.max(due, state.lastOwnMs + delays.betweenEventsMs)
}

/** Compares the event that we would create now with our last one, both in the open election. */
export function prospectOf(
  graph: GossipGraph,
  election: SectionElection,
  last: Vertex | null,
  next: Vertex,
  absent: (creator: number) => boolean,
): Prospect {
  const preview = election.preview(next)
  if (preview === 'decided') return 'urgent'
  const before = last ? election.metaEvent(last) : undefined
  if (!before?.candidate && !before?.observed) return preview ? 'urgent' : 'news'
  const reached = progress(election, last as Vertex, before)
  const isMilestone = progress(election, next, preview).some((value, i) => value > (reached[i] as number))
  if (!isMilestone) return 'news'
  const own = total(reached)
  for (const voter of election.voters) {
    if (voter === next.creator || knowsFork(next, voter)) continue
    const tip = tipOf(graph, next, voter)
    const meta = tip && election.metaEvent(tip)
    // Whoever was absent lately is waited for only once it takes part again.
    if (!meta && absent(voter)) continue
    if (!meta || !tip || total(progress(election, tip, meta)) < own) return 'quorum'
  }
  return 'complete'
}

type Progress = readonly [sight: number, observed: number, votes: number]

const total = ([sight, observed, votes]: Progress): number => sight + observed + votes

/** Sees candidates of a quorum; is an observer; how far its agreements are. Each only grows along a self-chain. */
function progress(election: SectionElection, x: Vertex, meta: MetaEvent<SectionContent> | null | undefined): Progress {
  let votes = 0
  for (const vote of meta?.votes ?? []) {
    votes += vote.decision !== 0 ? DECIDED : 0
    for (const stage of vote.stages) votes += auxValueOf(stage) === 0 ? 1 : 2
  }
  const observed = meta?.observed ? 1 : 0
  return [observed || seesQuorum(election, x) ? 1 : 0, observed, votes]
}

// Above what any agreement gathers in a sane number of rounds, so that a decision always counts as further.
const DECIDED = 1000

function seesQuorum(election: SectionElection, x: Vertex): boolean {
  let count = 0
  for (let voter = 0; voter < election.voters.length; voter++) {
    if (election.candidatesOf(voter).some((candidate) => sees(x, candidate.vertex))) count++
  }
  return isSupermajority(count, election.voters.length)
}

/** The heads of the graph that `last` does not descend from: at most one per creator, none an ancestor of another. */
export function news(graph: GossipGraph, last: Vertex | null, self: number, most: number): Vertex[] {
  const fresh: Vertex[] = []
  for (const { creator, vertices } of graph.branches) {
    const tip = vertices.at(-1) as Vertex
    if (creator !== self && !(last && isDescendantOf(last, tip))) fresh.push(tip)
  }
  if (fresh.length === 0) return fresh
  const maximal = fresh.filter((tip) => !fresh.some((other) => other !== tip && isDescendantOf(other, tip)))
  const creators = new Set<number>()
  return maximal
    .filter((tip) => !creators.has(tip.creator) && creators.add(tip.creator))
    .sort((a, b) => b.index - a.index)
    .slice(0, most)
}
