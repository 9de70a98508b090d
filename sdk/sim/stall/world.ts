/**
 * Voters whose events are created when, and with the parents that, a scheduler says: every message is in its hands. The
 * graph, the elections and the coin are the core's own; only pacing is not asked.
 */
import { createCoinDuties } from '../../src/core/coin/duties.ts'
import { createSectionCoin } from '../../src/core/coin/section-coin.ts'
import type { EventContent, PeerId } from '../../src/core/gossip/event.ts'
import { isDescendantOf, type Vertex } from '../../src/core/gossip/graph.ts'
import type { MetaVote } from '../../src/core/meta-voting/election.ts'
import type { Coin } from '../../src/core/options.ts'
import { createOrdering } from '../../src/core/section/ordering.ts'
import type { SectionElection } from '../../src/core/section/rounds.ts'
import { createModelCoins } from '../coin/model-coin.ts'
import { createFastHashing } from '../hashing.ts'
import { epochMs } from '../scenario.ts'
import type { ReadCoin } from './coins.ts'

export interface StallWorld {
  /** By number, which is also their place in an election. */
  readonly voters: readonly number[]
  /** Merges what of `parents` is new to the voter. */
  create(voter: number, parents: readonly Vertex[], transactions?: number): Vertex
  /** The same beside the voter's last event, on a branch of its own from `self` on: a fork. */
  fork(voter: number, self: Vertex, parents: readonly Vertex[]): Vertex
  last(voter: number): Vertex
  /** What the voter's last event says about the subject in this election; null before it takes part, or after its end. */
  vote(election: number, voter: number, subject: number): MetaVote | null
  election(election: number): SectionElection
  /** The elections decided at this voter's last event. */
  decided(voter: number): number
  /** What anybody can compute of the coin of a round that is not tossed yet. */
  foreseen(round: number, subject: number): boolean | null
  /** These tell each other everything that there is. */
  exchange(voters: readonly number[]): void
  readonly events: number
  /** Whether nothing is undecided, and there is no key to make or it serves. */
  readonly isQuiet: boolean
}

export interface StallWorldOptions extends ReadCoin {
  readonly seed: number
  readonly size: number
}

export function createStallWorld({ seed, size, coin, isPredictable }: StallWorldOptions): StallWorld {
  const hashing = createFastHashing()
  const voters = Array.from({ length: size }, (_, voter) => voter)
  const peers = voters.map((voter): PeerId => (voter + 1).toString(16).padStart(2, '0').repeat(32))
  const salt = seed.toString(16).padStart(64, '0')
  const genesis = { founders: peers, createdAtMs: epochMs, salt, previousSection: null, maxVoters: size }
  const sectionId = hashing.genesis(genesis)
  const unused: Coin = () => null
  const parties = coin === null ? peers.map((peer) => createModelCoins(seed).party(peer)) : null
  const sectionCoin = createSectionCoin(parties?.[0]?.coin ?? null, coin ?? unused, hashing)
  const ordering = createOrdering({ genesis, hashing, coin: sectionCoin })
  const duties = parties?.map(({ peer, coin: own }) =>
    createCoinDuties(peer, createSectionCoin(own, unused, hashing), ordering, hashing, sectionId),
  )
  const heads: (Vertex | null)[] = voters.map(() => null)

  function headerOf(voter: number, self: Vertex | null, parents: readonly Vertex[]): Omit<EventContent, 'body'> {
    const fresh = parents.filter((parent) => !self || !isDescendantOf(self, parent))
    return {
      sectionId,
      creator: peers[voter] as PeerId,
      seq: self ? self.seq + 1 : 0,
      selfParent: self && ordering.idOf(self),
      otherParents: fresh.map(ordering.idOf),
      createdAtMs: epochMs + ordering.graph.vertices.length,
      attest: { height: 0, blockHash: sectionId },
    }
  }

  function insert(content: EventContent): Vertex {
    return ordering.insert(content, hashing.event(content)).vertex
  }

  function create(voter: number, parents: readonly Vertex[], transactions = 0): Vertex {
    const self = heads[voter] ?? null
    const header = headerOf(voter, self, parents)
    const body = {
      transactions: Array.from({ length: transactions }, (_, at) => new Uint8Array([voter, self?.seq ?? 0, at])),
      observations: [],
      ...coinParts(voter, header),
    }
    const vertex = insert({ ...header, body })
    duties?.[voter]?.said(body)
    heads[voter] = vertex
    return vertex
  }

  function coinParts(voter: number, header: Omit<EventContent, 'body'>): Pick<EventContent['body'], 'coin'> {
    const own = duties?.[voter]
    if (!own) return {}
    const coinOfEvent = { items: own.items(), shares: own.flipShares(ordering.graph.preview(header)) }
    return coinOfEvent.items.length + coinOfEvent.shares.length > 0 ? { coin: coinOfEvent } : {}
  }

  const decided = (voter: number) => ordering.decidedElections(heads[voter] ?? null)
  return {
    voters,
    create,
    fork: (voter, self, parents) =>
      insert({ ...headerOf(voter, self, parents), body: { transactions: [], observations: [] } }),
    last: (voter) => heads[voter] as Vertex,
    vote(election, voter, subject) {
      const head = heads[voter]
      return (
        (head &&
          election < ordering.elections &&
          ordering.round(election).election.metaEvent(head)?.votes?.[subject]) ||
        null
      )
    },
    election: (election) => ordering.round(election).election,
    decided,
    foreseen(round, subject) {
      const { state } = ordering
      return isPredictable ? (coin?.(state.election, round, peers[subject] as PeerId, state.lastBlock) ?? null) : null
    },
    exchange(talking) {
      const said = heads.filter((head) => head !== null)
      for (const voter of talking)
        create(
          voter,
          said.filter((head) => head !== heads[voter]),
        )
    },
    get events() {
      return ordering.graph.vertices.length
    },
    get isQuiet() {
      const { state, carriers, elections } = ordering
      const isReady = parties === null || state.coin.serving !== null
      const isDecided = voters.every((voter) => decided(voter) === elections - 1)
      return isReady && isDecided && !carriers.hasAnyAbove(state.decidedUpTo)
    },
  }
}
