/**
 * A section's coin: whose key serves which election, what a flip comes to at an event, and which shares are malice.
 * Imports the core only.
 */
import type { EventId, Hash, PeerId } from '../gossip/event.ts'
import type { Vertex } from '../gossip/graph.ts'
import type { Hashing } from '../io.ts'
import type { Coin } from '../options.ts'
import type { AgreedState } from '../section/state.ts'
import { advanceCoin, type CoinAdvance, type CoinBlock, type CoinState, type ServingKey } from './epochs.ts'
import type { CoinParts, PostedShare } from './items.ts'
import type { CoinCrypto, KeySource, Toss } from './port.ts'
import { type BadShare, createShareBook } from './shares.ts'

export interface RandomValue {
  /** 32 bytes in hexadecimal. */
  readonly value: Hash
  /** Whether nobody could know it before the voters let go of it; else it is a hash of the block. */
  readonly isFair: boolean
}

export interface SectionCoin {
  /** Takes note of what an event carries. */
  register(vertex: Vertex, creator: PeerId, shares: CoinParts['shares']): void
  /** Null while the coin is not known at x. */
  flip(state: AgreedState, x: Vertex, round: number, subject: PeerId): boolean | null
  advance(before: CoinState, block: CoinBlock): CoinAdvance
  hashDeals(epoch: number, deals: readonly EventId[]): Hash
  /** Whether a share is bad, by what a peer in this state must know; false while it cannot know. */
  isBad(
    electionState: (election: number) => AgreedState | null,
    state: AgreedState,
    holder: PeerId,
    posted: PostedShare,
  ): boolean
  takeBad(): readonly BadShare[]
  /** The random value of a block that `state` has a source for; null while its shares are not here. */
  randomness(source: ServingKey, height: number): Hash | null
  readonly crypto: CoinCrypto | null
  readonly flips: number
}

export function createSectionCoin(crypto: CoinCrypto | null, fallback: Coin, hashing: Hashing): SectionCoin {
  const book = crypto && createShareBook(crypto)

  function flip(state: AgreedState, x: Vertex, round: number, subject: PeerId): boolean | null {
    const { serving } = state.coin
    if (!crypto || !book || !serving) return fallback(state.election, round, subject, state.lastBlock)
    const coin = book.coin(serving, { kind: 'flip', election: state.election, round }, x)
    return coin === null ? null : crypto.bit(coin, subject)
  }

  return {
    crypto,
    register: (vertex, creator, shares) => book?.register(vertex, creator, shares),
    flip,
    advance: (before, block) =>
      crypto ? advanceCoin(before, block, crypto, hashing.deals) : { state: before, faults: [] },
    hashDeals: hashing.deals,
    isBad(electionState, state, holder, posted) {
      const source = sourceOf(posted.toss, electionState, state)
      if (!book || !source?.terms.holders.some(({ peer }) => peer === holder)) return false
      return !book.isValid(source, holder, posted)
    },
    takeBad: () => book?.takeBad() ?? [],
    randomness: (source, height) => book?.coin(source, { kind: 'block', height }, null) ?? null,
    get flips() {
      return book?.flips ?? 0
    },
  }
}

/** The key under which a toss is made, as far as this state tells. */
export function sourceOf(
  toss: Toss,
  electionState: (election: number) => AgreedState | null,
  state: AgreedState,
): KeySource | null {
  if (toss.kind === 'flip') {
    return toss.election <= state.election ? (electionState(toss.election)?.coin.serving ?? null) : null
  }
  const source = state.coin.draws.get(toss.height)
  return typeof source === 'object' ? source : null
}
