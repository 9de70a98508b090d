/** Blocks: the agreed, hash-chained outcome of the elections. */
import type { EventId, Hash, PeerId } from '../gossip/event.ts'
import type { Vertex } from '../gossip/graph.ts'
import type { Observation } from './observation.ts'

/** A place in the history of a section that came to an end. */
export interface PreviousSection {
  readonly sectionId: Hash
  /** Of its last certified block; 0, with the section id as its hash, where there is none. */
  readonly height: number
  readonly blockHash: Hash
}

/** The first thing every member of a section agrees on. The section id is its hash, and the chain's block 0. */
export interface Genesis {
  /** Founding voters in ascending order; usually the founder alone. */
  readonly founders: readonly PeerId[]
  readonly createdAtMs: number
  /** Random, so that two sections of the same founders differ. */
  readonly salt: Hash
  /** Where the section that this one re-forms ends, if it re-forms one. */
  readonly previousSection: PreviousSection | null
  /** The most voters the section will have, 3f+1. */
  readonly maxVoters: number
}

export interface BlockTransactions {
  readonly event: EventId
  readonly creator: PeerId
  readonly transactions: readonly Uint8Array[]
}

/** What the block hash covers of the items: enough to recompute it from an event's header alone. */
export interface BlockContent {
  readonly sectionId: Hash
  /** From 1. */
  readonly height: number
  /** Hash of the block below; the section id for block 1. */
  readonly previous: Hash
  /** Milliseconds since 1970, strictly greater than the previous block's. */
  readonly timeMs: number
  /** The voters that decided this block, in order of their key; its changes take effect after it. */
  readonly voters: readonly PeerId[]
  /** Events in causal order, then observations. */
  readonly items: readonly BlockTransactions[]
  readonly observations: readonly Observation[]
}

export interface Block extends BlockContent {
  readonly hash: Hash
}

/** A block but for its transactions, which are those of its events. */
export interface BlockOutline extends Omit<Block, 'items'> {
  readonly items: readonly Omit<BlockTransactions, 'transactions'>[]
}

/** What is kept of a block. */
export interface DecidedBlock {
  readonly height: number
  readonly hash: Hash
  readonly timeMs: number
  readonly voters: readonly PeerId[]
  /** In the block's order. */
  readonly events: readonly Vertex[]
  readonly observations: readonly Observation[]
}
