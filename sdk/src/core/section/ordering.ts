/**
 * Elections one after another over one gossip graph, and the chain of blocks that they decide. Imports the core only.
 *
 * Invariants: election k starts from the state agreed after k−1, whoever decided it; what is decided *at* an event is known
 * for each, late ones included; and a decided election is never evaluated to another outcome. What an event says is kept
 * until its transactions are decided and the event is no longer recent (`tidy`).
 */
import type { CoinFault, CoinState } from '../coin/epochs.ts'
import type { PostedShare } from '../coin/items.ts'
import type { SectionCoin } from '../coin/section-coin.ts'
import type { EventContent, EventId, Hash, PeerId } from '../gossip/event.ts'
import { createGossipGraph, type GossipGraph, parentsOf, stronglySees, type Vertex } from '../gossip/graph.ts'
import { invariant } from '../invariant.ts'
import type { Hashing } from '../io.ts'
import { type Candidate, createElection, type MetaEvent } from '../meta-voting/election.ts'
import { sectionVote } from '../meta-voting/section-vote.ts'
import { TRUE, toValue } from '../meta-voting/stage.ts'
import { type Ballot, type Ballots, createBallots, isReadyAt } from './ballots.ts'
import { absentVoters, type Batch, blockTime, isWithin, join, type SectionContent, toBatch } from './batch.ts'
import type { Block, DecidedBlock, Genesis } from './block.ts'
import { type Carriers, createCarriers } from './carriers.ts'
import { createChain } from './chain.ts'
import { createContents } from './contents.ts'
import { createRounds, KEPT_ELECTIONS, type Round, type SectionElection } from './rounds.ts'
import { type AgreedState, genesisState } from './state.ts'

export interface Ordering {
  readonly graph: GossipGraph
  readonly ballots: Ballots
  readonly carriers: Carriers
  readonly blocks: readonly DecidedBlock[]
  /** How many elections have begun: all but the last are decided. */
  readonly elections: number
  /** Of an election that has begun: up to date with the graph. Computed anew if it is not recent. */
  round(election: number): Round
  /** The open election and those just before it, which are at hand. */
  isRecent(election: number): boolean
  /** The state from which an election that has begun starts. */
  stateOf(election: number): AgreedState
  /** The state that a final block led to. */
  stateAfter(height: number): AgreedState | undefined
  /** The state agreed after the last decided election. */
  readonly state: AgreedState
  /** The election that is still open. */
  readonly current: SectionElection
  /** Inserts an event whose parents are in the graph and evaluates it; `id` is null for a draft, sealed later. */
  insert(content: EventContent, id: EventId | null): Insertion
  /** Completes a draft: what it attests and its id follow from its evaluation. */
  seal(vertex: Vertex, content: EventContent, id: EventId): void
  /** Lets go of what is not needed any more. Between two insertions, with every event named. */
  tidy(): void
  /** How many elections, from the first on without a gap, are decided at this event. */
  decidedElections(vertex: Vertex | null): number
  /**
   * The state by the elections that these parents decide together: one may decide an election, another the next, and
   * what a child of both may say follows from the two.
   */
  stateBefore(parents: readonly Vertex[]): AgreedState
  /** What an event says, without its transactions once they are final; undefined when it is not kept any more. */
  contentOf(vertex: Vertex): EventContent | undefined
  /** How many, of an event whose content is kept. */
  transactionsOf(vertex: Vertex): number
  /** Shares of the coin that an event carries. */
  sharesOf(vertex: Vertex): readonly PostedShare[]
  createdAtMs(vertex: Vertex): number
  idOf(vertex: Vertex): EventId
  /** Ballots that are ready somewhere in the graph and not decided. */
  openBallots(): readonly Ballot[]
  /** What is in memory besides the graph. */
  kept(): KeptFigures
}

export interface KeptFigures {
  /** With all that is needed to evaluate events in them, the open one included. */
  readonly elections: number
  /** Events of which more is kept than their place in the graph. */
  readonly contents: number
  /** Events that came since the oldest of the recent elections began. */
  readonly recentEvents: number
  /** Transactions of events, all of them undecided but for those of the last step. */
  readonly transactions: number
}

export interface Insertion {
  readonly vertex: Vertex
  readonly blocks: readonly Block[]
  readonly duplicateVotes: readonly { readonly key: Hash; readonly earlier: Vertex }[]
  /** Malice that the blocks prove, each with the election that did. */
  readonly coinFaults: readonly (CoinFault & { readonly election: number })[]
}

export interface OrderingOptions {
  readonly genesis: Genesis
  readonly hashing: Hashing
  readonly coin: SectionCoin
  /** How many decided elections are kept in memory. Others are computed anew when a late event needs them. */
  readonly keptElections?: number
}

export function createOrdering({ genesis, hashing, coin, keptElections = KEPT_ELECTIONS }: OrderingOptions): Ordering {
  const sectionId = hashing.genesis(genesis)
  const graph = createGossipGraph()
  const carriers = createCarriers(graph)
  const ballots = createBallots(hashing)
  const contents = createContents()
  const chain = createChain({ graph, ballots, genesis: genesisState(genesis, sectionId), kept: keptElections + 1 })
  const { blocks } = chain
  const rounds = createRounds({ graph, kept: keptElections, stateOf: chain.stateOf, begin, startOf: earliestUndecided })
  // Newly final, with their transactions: told once.
  let newBlocks: Block[] = []
  let settled: Vertex[] = []
  let coinFaults: Insertion['coinFaults'] = []
  let ballotCache: { version: number; round: Round; open: readonly Ballot[] } | null = null
  rounds.open(chain.stateOf(0))

  function begin(state: AgreedState): Round {
    const voters = state.voters.map((peer) => graph.creatorOf(peer))
    const absent = absentVoters(graph, state)
    let flips = false
    const agreement = {
      falseFirst: (subject: number) => absent.has(state.voters[subject] as string),
      coin: (x: Vertex, round: number, subject: number) => {
        const bit = coin.flip(state, x, round, state.voters[subject] as PeerId)
        return bit === null ? null : toValue(bit)
      },
      stronglySees: (x: Vertex, auxEvent: number) => {
        flips = true
        const event = graph.vertices[auxEvent]
        return event !== undefined && stronglySees(graph, x, event, voters, voters.length)
      },
    }
    const round: Round = {
      state,
      get flips() {
        return flips
      },
      election: createElection<SectionContent>(graph, voters, {
        predecessor: (x) => x.selfParent,
        content: (x, before) => contentAt(round, x, before),
        stronglySees: (x, y) => stronglySees(graph, x, y, voters, voters.length),
        vote: (ballot) => sectionVote(agreement, ballot),
        decides: (x, meta, election) => decidedCandidates(carriers, round, x, meta, election) !== null,
      }),
    }
    return round
  }

  function contentAt(round: Round, x: Vertex, before: MetaEvent<SectionContent> | null): SectionContent | null {
    if (before?.candidate) return null
    const { state, election } = round
    if (state.afterEmptyBatch && !isDecidedAt(state.election - 1, x)) return null
    const observations: Hash[] = []
    for (const ballot of openBallotsOf(round)) {
      if (isReadyAt(ballot, x, election.voters)) observations.push(ballot.key)
    }
    if (observations.length === 0 && !carriers.hasAbove(x, state.decidedUpTo)) return null
    return { observations }
  }

  /** Whether election k is decided at x; x is evaluated only in those that its parents leave open. */
  function isDecidedAt(k: number, x: Vertex): boolean {
    if (rounds.decidedBefore(x) > k) return true
    const { election } = rounds.round(k)
    return election.isDecidedAt(x) || parentsOf(x).some((parent) => election.isDecidedAt(parent))
  }

  function openBallotsOf(round: Round): readonly Ballot[] {
    if (ballotCache?.version !== ballots.version || ballotCache.round !== round) {
      ballotCache = { version: ballots.version, round, open: ballots.votable(round.state, round.election.voters) }
    }
    return ballotCache.open
  }

  function current(): Round {
    return rounds.round(rounds.count - 1)
  }

  function insert(content: EventContent, id: EventId | null): Insertion {
    const vertex = graph.insert(content)
    if (id !== null) graph.name(vertex, id)
    contents.add(vertex, content)
    const { transactions, observations, coin: parts } = content.body
    carriers.register(vertex, transactions.length + (parts?.items.length ?? 0) > 0)
    if (parts) coin.register(vertex, content.creator, parts.shares)
    const duplicateVotes = ballots.register(vertex, observations)
    rounds.note(vertex)
    newBlocks = []
    coinFaults = []
    let first: Vertex | null = current().election.isDecidedAt(vertex) ? vertex : null
    while (first) first = close(first)
    let decided = rounds.decidedBefore(vertex)
    while (decided < rounds.count - 1 && rounds.round(decided).election.isDecidedAt(vertex)) decided++
    rounds.settle(decided)
    return { vertex, blocks: newBlocks, duplicateVotes, coinFaults }
  }

  /** Applies the current election's batch, feeds the graph to the next; answers with the first event to decide that. */
  function close(at: Vertex): Vertex | null {
    return rounds.open(applyBatch(current(), at))
  }

  /** No event before the earliest undecided content can take part: it descends from none. */
  function earliestUndecided(round: Round): number {
    let earliest = carriers.earliestAbove(round.state.decidedUpTo)
    for (const ballot of openBallotsOf(round)) {
      for (const votes of ballot.votes.values()) for (const vote of votes) earliest = Math.min(earliest, vote.index)
    }
    return earliest
  }

  function applyBatch(round: Round, at: Vertex): AgreedState {
    const { state, election } = round
    const meta = election.metaEvent(at)
    const decided = meta && decidedCandidates(carriers, round, at, meta, election)
    invariant(decided, 'an election closes at an event that decides it')
    const tieBreak = (id: Hash) => hashing.tieBreak(state.lastBlock, id)
    const batch = toBatch(carriers, state, decided, tieBreak, graph.idOf)
    const isEmpty = batch.events.length + batch.observations.length === 0
    const block = isEmpty ? null : toBlock(state, batch)
    const after = chain.append({ ...batch, block }, (voters) =>
      block ? advanceCoin(state, batch, block.height, voters) : state.coin,
    )
    settled.push(...batch.events)
    return after
  }

  function advanceCoin(before: AgreedState, batch: Batch, height: number, voters: readonly PeerId[]): CoinState {
    const items = batch.events.flatMap((vertex) => {
      const { creator, body } = contents.undecided(vertex)
      return (body.coin?.items ?? []).map((item) => ({ event: graph.idOf(vertex), creator, item }))
    })
    const { state, faults } = coin.advance(before.coin, { sectionId, height, items, voters })
    if (faults.length > 0) {
      coinFaults = [...coinFaults, ...faults.map((fault) => ({ ...fault, election: before.election }))]
    }
    return state
  }

  /** Tells the block with its transactions; answers with what is kept of it. */
  function toBlock(state: AgreedState, { events, observations }: Batch): DecidedBlock {
    const ancestry = join(events.map((vertex) => vertex.highest))
    const content = {
      sectionId,
      height: state.height + 1,
      previous: state.lastBlock,
      timeMs: blockTime(graph, state, ancestry, contents.createdAtMs),
      voters: state.voters,
      items: events.map((vertex) => {
        const { creator, body } = contents.undecided(vertex)
        return { event: graph.idOf(vertex), creator, transactions: body.transactions }
      }),
      observations: observations.map((key) => (ballots.ballot(key) as Ballot).observation),
    }
    const hash = hashing.block(content)
    newBlocks.push({ ...content, hash })
    const { height, timeMs, voters } = content
    return { height, hash, timeMs, voters, events, observations: content.observations }
  }

  function stateBefore(parents: readonly Vertex[]): AgreedState {
    let decided = 0
    for (const parent of parents) decided = Math.max(decided, rounds.decidedAt(parent))
    const isDecided = (election: number) => {
      const { isDecidedAt } = rounds.round(election).election
      return parents.some(isDecidedAt)
    }
    // Nothing decides the open one.
    while (decided < rounds.count - 1 && isDecided(decided)) decided++
    return chain.stateOf(decided)
  }

  return {
    graph,
    ballots,
    carriers,
    blocks,
    get elections() {
      return rounds.count
    },
    round: rounds.round,
    isRecent: rounds.isRecent,
    stateOf: chain.stateOf,
    stateAfter: chain.stateAfter,
    get state() {
      return current().state
    },
    get current() {
      return current().election
    },
    insert,
    seal: (vertex, content, id) => {
      const draft = contents.of(vertex)?.body.coin?.shares.length ?? 0
      const added = content.body.coin?.shares.slice(draft) ?? []
      coin.register(vertex, content.creator, added)
      contents.replace(vertex, content)
      graph.name(vertex, id)
    },
    tidy() {
      for (const vertex of settled) contents.settle(vertex)
      settled = []
      contents.retire(rounds.recentFrom)
      graph.retire(rounds.recentFrom)
    },
    decidedElections: (vertex) => (vertex ? rounds.decidedAt(vertex) : 0),
    stateBefore,
    contentOf: contents.of,
    transactionsOf: contents.transactionsOf,
    sharesOf: contents.sharesOf,
    createdAtMs: contents.createdAtMs,
    idOf: graph.idOf,
    openBallots: () => openBallotsOf(current()),
    kept: () => ({
      ...{ elections: rounds.kept, recentEvents: graph.vertices.length - rounds.recentFrom },
      ...contents.kept(),
    }),
  }
}

/**
 * The candidates whose contents make up the batch, if the election is decided at x: all subjects are decided, or those
 * decided true already hold whatever the others could add (early decision).
 */
function decidedCandidates(
  carriers: Carriers,
  { state, election: own }: Round,
  x: Vertex,
  meta: MetaEvent<SectionContent>,
  election: SectionElection = own,
): Candidate<SectionContent>[] | null {
  if (!meta.votes) return null
  const chosen: Candidate<SectionContent>[] = []
  const open: number[] = []
  meta.votes.forEach((vote, subject) => {
    if (vote.decision === 0) open.push(subject)
    else if (vote.decision === TRUE) {
      const candidate = election.observedCandidate(subject, x)
      invariant(candidate, 'only a candidate that somebody observed is decided true')
      chosen.push(candidate)
    }
  })
  if (open.length === 0) return chosen
  if (chosen.length === 0) return null
  for (const subject of open) {
    const seen = election.strongSightOf(subject, x)
    if (!seen || !isWithin(carriers, state, seen, chosen)) return null
  }
  return chosen
}
