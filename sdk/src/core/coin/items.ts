/** What events carry of the coin's. Imports core types only. */
import type { EventId, Hash, PeerId } from '../gossip/event.ts'
import type { CoinPublicKey, Toss } from './port.ts'

/** Content of the blocks, like transactions: what becomes of it is read from their order. */
export type KeyItem =
  /** A voter's coin key; its first valid one counts for good. */
  | { readonly kind: 'register'; readonly key: CoinPublicKey; readonly proof: Uint8Array }
  | { readonly kind: 'deal'; readonly epoch: number; readonly deal: Uint8Array }
  /** The own shares of exactly this list of deals are good. */
  | { readonly kind: 'clean'; readonly epoch: number; readonly deals: Hash }
  /** The own share of the deal in that event is bad. */
  | { readonly kind: 'complaint'; readonly epoch: number; readonly deal: EventId; readonly complaint: Uint8Array }
  /** Asks for a random value of a block; 0: of the block that orders this event. */
  | { readonly kind: 'draw'; readonly height: number }

/** A share of a coin. No content of blocks: it counts wherever it is in an event's ancestry. */
export interface PostedShare {
  readonly toss: Toss
  readonly share: Uint8Array
}

export interface CoinParts {
  readonly items: readonly KeyItem[]
  readonly shares: readonly PostedShare[]
}

/** A key item where a block orders it. */
export interface OrderedItem {
  readonly event: EventId
  readonly creator: PeerId
  readonly item: KeyItem
}

export const MAX_KEY_ITEMS_PER_EVENT = 128
export const MAX_SHARES_PER_EVENT = 64
/**
 * Of the random values that a creator asks for, a block grants so many, and the one of itself; the rest is void. Each
 * costs every holder milliseconds.
 */
export const MAX_DRAWS_PER_CREATOR = 4
