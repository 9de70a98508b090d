/** What a core is started with, and what can be read off it between two steps. Imports core types only. */

import type { CoinCrypto } from './coin/port.ts'
import type { RandomValue } from './coin/section-coin.ts'
import type { EventId, Hash, PeerId } from './gossip/event.ts'
import type { Hashing, Input, Output } from './io.ts'
import type { BlockOutline, Genesis } from './section/block.ts'
import type { Ordering } from './section/ordering.ts'

/**
 * The common coin: a bit for subject `subject` of election `election` in `round`, or null while it is not known at
 * the event in question.
 */
export type Coin = (election: number, round: number, subject: PeerId, lastBlock: Hash) => boolean | null

export interface ParsecOptions {
  readonly self: PeerId
  readonly genesis: Genesis
  readonly hashing: Hashing
  /** Where no key of the coin serves. Default: hash(last block, election, round, subject), which is predictable. */
  readonly coin?: Coin
  /** Without it this peer makes and checks no key of the coin: all members of a section have it, or none. */
  readonly coinCrypto?: CoinCrypto
  /** `grow` keeps 3f+1 voters from the members that are online; `fixed` never proposes a change of voters by itself. */
  readonly voterPolicy: 'grow' | 'fixed'
  /** Members that may be made voters: others are never proposed, nor seconded. Default: everybody. */
  readonly mayVote?: (peer: PeerId) => boolean
  /** How long a member may be away before the voters remove it, in milliseconds. Default: never. */
  readonly forgetAfterMs?: number
  /**
   * How many decided elections are kept in memory; default 8. The others are computed anew when an event has to be
   * evaluated in one: what is final does not depend on it.
   */
  readonly keptElections?: number
  /** `classic` merges one random-ish other-parent at a time, for comparison in the simulator. */
  readonly gossip?: 'multiParent' | 'classic'
}

export interface MemberStatus {
  readonly peer: PeerId
  readonly voter: boolean
  readonly online: boolean
  /** Height at which it became a member. */
  readonly since: number
}

export interface SectionStatus {
  readonly sectionId: Hash
  /** Of the last final block. */
  readonly height: number
  readonly certifiedHeight: number
  readonly membership: 'outside' | 'member' | 'voter' | 'removed'
  readonly members: readonly MemberStatus[]
  /** Voters that must take part for anything to become final. */
  readonly needed: number
  /** Voters reachable now, ourselves included. */
  readonly reachable: number
  /** Own transactions that are not final yet. */
  readonly pending: number
  /** Events held back because a parent is missing. */
  readonly waiting: number
  readonly coin: CoinStatus
}

export interface CoinStatus {
  /** `none`: up to three voters need no coin; `active`: the key of the current voters serves; `forming`: not yet. */
  readonly state: 'none' | 'forming' | 'active'
  /** Height at which the making of the serving key began; null: the coin is predictable. */
  readonly epoch: number | null
  /** Coins that elections needed, since this process started. */
  readonly flips: number
}

/** Proof that a block is final, checkable from the genesis alone: events whose headers attest it or a descendant. */
export interface CertificateRef {
  readonly height: number
  /** One event per voter, more than 2/3 of the voters of block `height`. */
  readonly attestations: readonly EventId[]
}

export interface Parsec {
  /**
   * Takes one input, answers with everything that follows from it. Pure but for the core's own state. `more`: the host has
   * further inputs at hand, before which nothing is created: whoever speaks while it is behind makes everybody later.
   */
  step(input: Input, more?: boolean): Output
  status(): SectionStatus
  /** Whether the event is in the graph or waits for its parents, so that its bytes are still needed. */
  holds(event: EventId): boolean
  /** Block 1 is the first; undefined above the last final one. */
  block(height: number): BlockOutline | undefined
  certificate(height: number): CertificateRef | undefined
  /** The random value of a block that a `draw` input asked for; null until its shares are here. */
  randomness(height: number): RandomValue | null
  /** The graph, its elections and blocks, to look at. */
  readonly ordering: Ordering
}
