/**
 * Reference model: one election. Everything is a function of one event's ancestry and of what was agreed before. Imports
 * the model and core types only.
 */
import type { GossipEvent, Hash, PeerId } from '../../src/core/gossip/event.ts'
import type { Hashing } from '../../src/core/io.ts'
import type { Coin } from '../../src/core/options.ts'
import type { Observation } from '../../src/core/section/observation.ts'
import { type Agreed, type Batch, isOpen, votedFor } from './agreed.ts'
import { firstVote, type MetaVote, nextVote } from './agreement.ts'
import { type Ancestry, isSupermajority, memo, memo2 } from './ancestry.ts'

export interface ElectionRules {
  readonly ancestry: Ancestry
  readonly hashing: Hashing
  readonly coin: Coin
  /** Decided at this event, or at one that it descends from. */
  readonly previousDecidedAt: (event: GossipEvent) => boolean
}

export type Election = ReturnType<typeof createElection>

export function createElection(agreed: Agreed, { ancestry, hashing, coin, previousDecidedAt }: ElectionRules) {
  const { voters } = agreed
  const { ancestors, selfParent, parents, tip } = ancestry
  const isVoter = (peer: PeerId) => voters.includes(peer)
  const stronglySees = (x: GossipEvent, y: GossipEvent) => ancestry.stronglySees(x, y, voters)

  /** Everything undecided that the ancestry of x makes ready. */
  const content = memo((x: GossipEvent): Batch => {
    const events = new Set<GossipEvent>()
    const votes = new Map<Hash, { observation: Observation; by: Set<PeerId> }>()
    for (const event of ancestors(x)) {
      if (event.body.transactions.length > 0 && !agreed.decidedEvents.has(event.id)) events.add(event)
      for (const observation of event.body.observations.map(votedFor)) {
        const key = hashing.observation(observation)
        if (!votes.has(key)) votes.set(key, { observation, by: new Set() })
        if (isVoter(event.creator)) votes.get(key)?.by.add(event.creator)
      }
    }
    const ready = [...votes].filter(
      ([key, { observation, by }]) =>
        isSupermajority(by.size, voters.length) &&
        isOpen(observation, agreed) &&
        !(observation.kind === 'vote' && agreed.decidedObservations.has(key)),
    )
    return { events, observations: new Map(ready.map(([key, { observation }]) => [key, observation])) }
  })

  /** Taking part begins at the first event with content; after an empty batch, only where that batch is decided. */
  const mayBeInteresting = (x: GossipEvent) =>
    content(x).events.size + content(x).observations.size > 0 && (!agreed.empty || previousDecidedAt(x))

  /** The first along its branch: told by self-ancestors only, so every branch has its own. */
  function isFirst(x: GossipEvent, has: (event: GossipEvent) => boolean): boolean {
    const earlier = [...ancestry.selfAncestors(x)].filter((event) => event !== x)
    return isVoter(x.creator) && has(x) && !earlier.some(has)
  }

  const isInteresting = memo((x: GossipEvent): boolean => isFirst(x, mayBeInteresting))

  /** The candidates by P among the ancestors of x; more than one only if P forked. */
  const candidates = memo2((x: GossipEvent, p: PeerId) => ancestry.ancestorsBy(x, p).filter(isInteresting))

  /** The voters of whom x strongly sees a candidate. */
  const stronglySeen = memo((x: GossipEvent): readonly PeerId[] =>
    voters.filter((p) => candidates(x, p).some((candidate) => stronglySees(x, candidate))),
  )

  const isObserver = memo((x: GossipEvent): boolean =>
    isFirst(x, (event) => isSupermajority(stronglySeen(event).length, voters.length)),
  )

  /** Bias needs two batches with transactions before it: against voters without an event that is new in their ancestry. */
  const lastTwo = agreed.batchAncestries.slice(-2)
  const earlier = new Set(agreed.batchAncestries.slice(0, -2).flatMap((set) => [...set]))
  const advanced = new Set(lastTwo.flatMap((set) => [...set]).flatMap((x) => (earlier.has(x) ? [] : x.creator)))
  const mayBeBiased = lastTwo.length === 2 && lastTwo.every((set) => set.size > 0)
  const isBiased = (subject: PeerId) => mayBeBiased && !advanced.has(subject)

  /** The state of x's creator in the agreement on S; null before it is an observer. */
  const voteOn = memo2((x: GossipEvent, subject: PeerId): MetaVote | null => {
    const parent = selfParent(x)
    const before =
      (parent && voteOn(parent, subject)) || (isObserver(x) && firstVote(stronglySeen(x).includes(subject))) || null
    if (before === null) return null
    const tips = voters.filter((voter) => voter !== x.creator).flatMap((voter) => tip(x, voter) ?? [])
    return nextVote(before, {
      at: x,
      voters: voters.length,
      biased: isBiased(subject),
      others: tips.flatMap((event) => voteOn(event, subject) ?? []),
      coin: (round) => coin(agreed.election, round, subject, agreed.lastBlock),
      stronglySees: (event) => stronglySees(x, event),
    })
  })

  /** I_S: the candidate that any event in the ancestry of x strongly sees. */
  function candidateOf(x: GossipEvent, subject: PeerId): GossipEvent {
    const seen = candidates(x, subject).filter((y) => [...ancestors(x)].some((z) => stronglySees(z, y)))
    if (seen.length !== 1) throw new Error(`${seen.length} candidates of one subject are strongly seen`)
    return seen[0] as GossipEvent
  }

  /** The batch that x decides by its own state: every subject decided, or none left that could matter. */
  const decidesItself = memo((x: GossipEvent): Batch | null => {
    if (!voters.some((subject) => voteOn(x, subject) !== null)) return null
    const decision = (subject: PeerId) => voteOn(x, subject)?.decision ?? null
    const batch = union(
      voters.filter((subject) => decision(subject) === true).map((subject) => content(candidateOf(x, subject))),
    )
    const open = voters.filter((subject) => decision(subject) === null)
    const harmless = (subject: PeerId) =>
      candidates(x, subject).some((y) => stronglySees(x, y) && isWithin(content(y), batch))
    const early = voters.some((subject) => decision(subject) === true) && open.every(harmless)
    return open.length === 0 || early ? batch : null
  })

  /** Decided at an event is decided, with the same batch, at every event that descends from it. */
  const decidedAt = memo((x: GossipEvent): Batch | null => {
    for (const parent of parents(x)) if (decidedAt(parent)) return decidedAt(parent)
    return decidesItself(x)
  })

  return {
    agreed,
    ...{ content, isInteresting, candidates, stronglySeen, isObserver, isBiased, voteOn, decidesItself, decidedAt },
  }
}

function union(batches: readonly Batch[]): Batch {
  return {
    events: new Set(batches.flatMap(({ events }) => [...events])),
    observations: new Map(batches.flatMap(({ observations }) => [...observations])),
  }
}

const isWithin = (part: Batch, whole: Batch): boolean =>
  [...part.events].every((event) => whole.events.has(event)) &&
  [...part.observations.keys()].every((key) => whole.observations.has(key))

export const sameBatch = (a: Batch, b: Batch): boolean => isWithin(a, b) && isWithin(b, a)
