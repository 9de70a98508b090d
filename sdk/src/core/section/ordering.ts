/**
 * Elections one after another over one gossip graph, and the chain of blocks that they decide. Imports the core only.
 *
 * Invariants: election k starts from the state agreed after k−1, whoever decided it; an event is evaluated in every
 * election that is not decided at its parents, late ones included, so that what is decided *at* an event is known for
 * each; and a decided election is never evaluated to another outcome.
 */
import type { CoinFault, CoinState } from '../coin/epochs.ts'
import type { SectionCoin } from '../coin/section-coin.ts'
import type { EventContent, EventId, Hash, PeerId } from '../gossip/event.ts'
import { createGossipGraph, type GossipGraph, parentsOf, stronglySees, type Vertex } from '../gossip/graph.ts'
import { invariant } from '../invariant.ts'
import type { Hashing } from '../io.ts'
import { type Candidate, createElection, type Election, type MetaEvent } from '../meta-voting/election.ts'
import { sectionVote } from '../meta-voting/section-vote.ts'
import { TRUE, toValue } from '../meta-voting/stage.ts'
import { type Ballot, type Ballots, createBallots, isReadyAt } from './ballots.ts'
import { absentVoters, type Batch, blockTime, isWithin, join, type SectionContent, toBatch } from './batch.ts'
import type { Block, Genesis } from './block.ts'
import { type Carriers, createCarriers } from './carriers.ts'
import { type AgreedState, applyObservations, genesisState } from './state.ts'

export type SectionElection = Election<SectionContent>

/** An election with the state it started from. */
export interface Round {
  readonly state: AgreedState
  readonly election: SectionElection
  /** Whether an agreement of the election has come to a flip of the coin. */
  readonly flips: boolean
}

export interface Ordering {
  readonly graph: GossipGraph
  readonly ballots: Ballots
  readonly carriers: Carriers
  readonly blocks: readonly Block[]
  readonly rounds: readonly Round[]
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
  /** How many elections, from the first on without a gap, are decided at this event. */
  decidedElections(vertex: Vertex | null): number
  /**
   * The state by the elections that these parents decide together: one may decide an election, another the next, and
   * what a child of both may say follows from the two.
   */
  stateBefore(parents: readonly Vertex[]): AgreedState
  contentOf(vertex: Vertex): EventContent
  idOf(vertex: Vertex): EventId
  /** Ballots that are ready somewhere in the graph and not decided. */
  openBallots(): readonly Ballot[]
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
}

export function createOrdering({ genesis, hashing, coin }: OrderingOptions): Ordering {
  const sectionId = hashing.genesis(genesis)
  const graph = createGossipGraph()
  const carriers = createCarriers(graph)
  const ballots = createBallots(hashing)
  const contents: EventContent[] = []
  const ids: (EventId | null)[] = []
  const decidedElections: number[] = []
  const blocks: Block[] = []
  const rounds: Round[] = [begin(genesisState(genesis, sectionId))]
  const statesByHeight: AgreedState[] = [(rounds[0] as Round).state]
  let coinFaults: Insertion['coinFaults'] = []
  let ballotCache: { version: number; round: Round; open: readonly Ballot[] } | null = null

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
    const { election } = rounds[k] as Round
    if (election.isDecidedAt(x)) return true
    return parentsOf(x).some((p) => (decidedElections[p.index] as number) > k || election.isDecidedAt(p))
  }

  function openBallotsOf(round: Round): readonly Ballot[] {
    if (ballotCache?.version !== ballots.version || ballotCache.round !== round) {
      ballotCache = { version: ballots.version, round, open: ballots.votable(round.state, round.election.voters) }
    }
    return ballotCache.open
  }

  function current(): Round {
    return rounds.at(-1) as Round
  }

  function insert(content: EventContent, id: EventId | null): Insertion {
    const vertex = graph.insert(content)
    contents.push(content)
    ids.push(id)
    if (id !== null) graph.name(vertex, id)
    const { transactions, observations, coin: parts } = content.body
    carriers.register(vertex, transactions.length + (parts?.items.length ?? 0) > 0)
    if (parts) coin.register(vertex, content.creator, parts.shares)
    const duplicateVotes = ballots.register(vertex, observations)
    const inherited = decidedAtOneOf(parentsOf(vertex))
    const before = blocks.length
    coinFaults = []
    let first: Vertex | null = null
    for (let k = inherited; k < rounds.length; k++) {
      const isDecided = (rounds[k] as Round).election.evaluate(vertex)
      if (isDecided && k === rounds.length - 1) first = vertex
    }
    while (first) first = close(first)
    let decided = inherited
    while (rounds[decided]?.election.isDecidedAt(vertex)) decided++
    decidedElections.push(decided)
    return { vertex, blocks: blocks.slice(before), duplicateVotes, coinFaults }
  }

  /** Applies the current election's batch, feeds the graph to the next; answers with the first event to decide that. */
  function close(at: Vertex): Vertex | null {
    const round = current()
    const next = begin(applyBatch(round, at))
    rounds.push(next)
    statesByHeight[next.state.height] = next.state
    const start = earliestUndecided(next)
    let first: Vertex | null = null
    for (let index = start; index < graph.vertices.length; index++) {
      const vertex = graph.vertices[index] as Vertex
      if (next.election.evaluate(vertex) && !first) first = vertex
    }
    return first
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
    const batch = toBatch(carriers, state, decided, tieBreak, idOf)
    const [now, before] = state.batchAncestry
    const ancestry = join(batch.events.map((vertex) => vertex.highest))
    const following: AgreedState = {
      ...state,
      election: state.election + 1,
      batchAncestry: [join([now, ancestry]), now, before],
      batchesWithEvents: batch.events.length > 0 ? state.batchesWithEvents + 1 : 0,
      afterEmptyBatch: batch.events.length + batch.observations.length === 0,
    }
    if (following.afterEmptyBatch) return following
    const block = toBlock(state, batch, ancestry)
    blocks.push(block)
    const observations = batch.observations.map((key, i) => ({
      key,
      observation: block.observations[i] as Ballot['observation'],
    }))
    const after = applyObservations(following, observations, block.height)
    return {
      ...after,
      coin: advanceCoin(state, batch, block.height, after.voters),
      height: block.height,
      lastBlock: block.hash,
      lastTimeMs: block.timeMs,
      decidedUpTo: join([state.decidedUpTo, decidedHeights(batch)]),
    }
  }

  function advanceCoin(before: AgreedState, batch: Batch, height: number, voters: readonly PeerId[]): CoinState {
    const items = batch.events.flatMap((vertex) => {
      const { creator, body } = contentOf(vertex)
      return (body.coin?.items ?? []).map((item) => ({ event: idOf(vertex), creator, item }))
    })
    const { state, faults } = coin.advance(before.coin, { sectionId, height, items, voters })
    if (faults.length > 0) {
      coinFaults = [...coinFaults, ...faults.map((fault) => ({ ...fault, election: before.election }))]
    }
    return state
  }

  function toBlock(state: AgreedState, batch: Batch, ancestry: readonly number[]): Block {
    const content = {
      sectionId,
      height: state.height + 1,
      previous: state.lastBlock,
      timeMs: blockTime(graph, state, ancestry, (vertex) => contentOf(vertex).createdAtMs),
      voters: state.voters,
      items: batch.events.map((vertex) => ({
        event: idOf(vertex),
        creator: contentOf(vertex).creator,
        transactions: contentOf(vertex).body.transactions,
      })),
      observations: batch.observations.map((key) => (ballots.ballot(key) as Ballot).observation),
    }
    return { ...content, hash: hashing.block(content) }
  }

  function decidedHeights(batch: Batch): number[] {
    const heights: number[] = graph.branches.map(() => -1)
    for (const { branch, seq } of batch.events) heights[branch] = Math.max(heights[branch] as number, seq)
    return heights
  }

  function stateBefore(parents: readonly Vertex[]): AgreedState {
    let decided = decidedAtOneOf(parents)
    while (parents.some((parent) => rounds[decided]?.election.isDecidedAt(parent))) decided++
    return (rounds[decided] as Round).state
  }

  /** How many elections, from the first on, one of these events decides by itself. */
  function decidedAtOneOf(vertices: readonly Vertex[]): number {
    let most = 0
    for (const { index } of vertices) most = Math.max(most, decidedElections[index] as number)
    return most
  }

  function contentOf(vertex: Vertex): EventContent {
    return contents[vertex.index] as EventContent
  }

  function idOf(vertex: Vertex): EventId {
    const id = ids[vertex.index]
    invariant(id, 'an event is named before anything refers to it')
    return id
  }

  return {
    graph,
    ballots,
    carriers,
    blocks,
    rounds,
    stateAfter: (height) => statesByHeight[height],
    get state() {
      return current().state
    },
    get current() {
      return current().election
    },
    insert,
    seal: (vertex, content, id) => {
      const draft = contentOf(vertex).body.coin?.shares.length ?? 0
      const added = content.body.coin?.shares.slice(draft) ?? []
      coin.register(vertex, content.creator, added)
      contents[vertex.index] = content
      ids[vertex.index] = id
      graph.name(vertex, id)
    },
    decidedElections: (vertex) => (vertex ? (decidedElections[vertex.index] as number) : 0),
    stateBefore,
    contentOf,
    idOf,
    openBallots: () => openBallotsOf(current()),
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
