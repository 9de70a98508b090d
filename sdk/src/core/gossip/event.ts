/** Gossip events as the core sees them: decoded, bounded and signature-checked at the edge. Imports core types only. */
import type { CoinParts } from '../coin/items.ts'
import type { Observation } from '../section/observation.ts'

/** 32 bytes as 64 lower-case hexadecimal digits. Compares like the bytes do. */
export type Hash = string
/** SHA-256 over a domain tag and the header's bytes; the signature is not covered. */
export type EventId = Hash
/** An Ed25519 public key (RFC 8032), 32 bytes in hexadecimal. */
export type PeerId = string

/** What an event's signature vouches for: the highest block such that every election up to it is decided at the event. */
export interface Attestation {
  /** 0 names the genesis, whose hash is the section id. */
  readonly height: number
  readonly blockHash: Hash
}

export interface EventBody {
  /** Opaque to the consensus; each at most `limits.transactionBytes` long. */
  readonly transactions: readonly Uint8Array[]
  readonly observations: readonly Observation[]
  /** Absent where an event carries nothing of the coin's. */
  readonly coin?: CoinParts
}

/** Everything an event says, before it has an id. */
export interface EventContent {
  readonly sectionId: Hash
  readonly creator: PeerId
  /** 0, 1, 2, … without gaps. */
  readonly seq: number
  /** The creator's event `seq - 1`; null exactly for `seq` 0. */
  readonly selfParent: EventId | null
  /** Events by pairwise different other creators, none of them an ancestor of `selfParent`. */
  readonly otherParents: readonly EventId[]
  /** The creator's clock in milliseconds since 1970: a claim. */
  readonly createdAtMs: number
  readonly attest: Attestation
  readonly body: EventBody
}

export interface GossipEvent extends EventContent {
  readonly id: EventId
}
