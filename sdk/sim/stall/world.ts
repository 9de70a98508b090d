/**
 * Four correct voters whose events are created when, and with the parents that, a scheduler says: every message is in
 * its hands. The graph, the elections and the coin are the core's own; only pacing is not asked.
 */
import { createCoinDuties } from '../../src/core/coin/duties.ts'
import { createSectionCoin } from '../../src/core/coin/section-coin.ts'
import type { EventContent, PeerId } from '../../src/core/gossip/event.ts'
import { isDescendantOf, type Vertex } from '../../src/core/gossip/graph.ts'
import type { MetaVote } from '../../src/core/meta-voting/election.ts'
import type { Coin } from '../../src/core/options.ts'
import { createOrdering } from '../../src/core/section/ordering.ts'
import { createModelCoins } from '../coin/model-coin.ts'
import { createFastHashing } from '../hashing.ts'
import { epochMs } from '../scenario.ts'

export const voters = [0, 1, 2, 3] as const

export interface StallWorld {
  /** Merges what of `parents` is new to the voter. */
  create(voter: number, parents: readonly Vertex[], transactions?: number): Vertex
  last(voter: number): Vertex | null
  /** What the voter's last event says about the subject in this election; null before it takes part, or after its end. */
  vote(election: number, voter: number, subject: number): MetaVote | null
  /** The elections decided at this voter's last event. */
  decided(voter: number): number
  /** The coin as it can be read off what has been said, or computed by anybody. */
  known(round: number, subject: number): boolean | null
  /** Everybody tells everybody everything. */
  exchange(): void
  readonly events: number
  /** Whether there is no key to make, or it serves. */
  readonly isCoinReady: boolean
}

export interface StallWorldOptions {
  readonly seed: number
  /** What can be computed by anybody; null: the section makes its own coin. */
  readonly coin: Coin | null
  /** Whether the scheduler can compute the coin before it is tossed. */
  readonly isPredictable: boolean
}

export function createStallWorld({ seed, coin, isPredictable }: StallWorldOptions): StallWorld {
  const hashing = createFastHashing()
  const peers = voters.map((voter): PeerId => (voter + 1).toString(16).repeat(64))
  const salt = seed.toString(16).padStart(64, '0')
  const genesis = { founders: peers, createdAtMs: epochMs, salt, previousSection: null, maxVoters: 4 }
  const sectionId = hashing.genesis(genesis)
  const unused: Coin = () => null
  const parties = coin === null ? peers.map((peer) => createModelCoins(seed).party(peer)) : null
  const sectionCoin = createSectionCoin(parties?.[0]?.coin ?? null, coin ?? unused, hashing)
  const ordering = createOrdering({ genesis, hashing, coin: sectionCoin })
  const duties = parties?.map(({ peer, coin: own }) =>
    createCoinDuties(peer, createSectionCoin(own, unused, hashing), ordering, hashing, sectionId),
  )
  const heads: (Vertex | null)[] = voters.map(() => null)

  function create(voter: number, parents: readonly Vertex[], transactions = 0): Vertex {
    const self = heads[voter] ?? null
    const fresh = parents.filter((parent) => !self || !isDescendantOf(self, parent))
    const header = {
      sectionId,
      creator: peers[voter] as PeerId,
      seq: self ? self.seq + 1 : 0,
      selfParent: self && ordering.idOf(self),
      otherParents: fresh.map(ordering.idOf),
      createdAtMs: epochMs + ordering.graph.vertices.length,
      attest: { height: 0, blockHash: sectionId },
    }
    const body = {
      transactions: Array.from({ length: transactions }, (_, at) => new Uint8Array([voter, self?.seq ?? 0, at])),
      observations: [],
      ...coinParts(voter, header),
    }
    const content: EventContent = { ...header, body }
    const { vertex } = ordering.insert(content, hashing.event(content))
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

  return {
    create,
    last: (voter) => heads[voter] ?? null,
    vote(election, voter, subject) {
      const head = heads[voter]
      return (head && ordering.rounds[election]?.election.metaEvent(head)?.votes?.[subject]) ?? null
    },
    decided: (voter) => ordering.decidedElections(heads[voter] ?? null),
    known(round, subject) {
      const { state } = ordering
      const peer = peers[subject] as PeerId
      if (isPredictable) return coin?.(state.election, round, peer, state.lastBlock) ?? null
      if (coin !== null) return null
      const told = heads.map((head) => (head ? sectionCoin.flip(state, head, round, peer) : null))
      return told.find((bit) => bit !== null) ?? null
    },
    exchange() {
      const said = heads.filter((head) => head !== null)
      for (const voter of voters)
        create(
          voter,
          said.filter((head) => head !== heads[voter]),
        )
    },
    get events() {
      return ordering.graph.vertices.length
    },
    get isCoinReady() {
      return parties === null || ordering.state.coin.serving !== null
    },
  }
}
