/** The core's only doors: what goes into `step`, what comes out, and the hashing it is lent. Imports core types only. */
import type { EventContent, EventId, GossipEvent, Hash, PeerId } from './gossip/event.ts'
import type { LinkStatement, SignedLinks } from './gossip/topology.ts'
import type { Malice } from './malice/malice.ts'
import type { Block, BlockContent, Genesis } from './section/block.ts'
import type { InvitationUse, Observation } from './section/observation.ts'

/** Hashes over canonical bytes, lent to the core so that it knows neither the encoding nor a hash library. */
export interface Hashing {
  /** SHA-256 of the genesis' canonical bytes: the section id. */
  genesis(genesis: Genesis): Hash
  /** Id of an event: domain tag, then the canonical header, which holds the body's hash. */
  event(content: EventContent): EventId
  block(content: BlockContent): Hash
  /** Names an observation; equal observations have equal keys. */
  observation(observation: Observation): Hash
  /** Hash of (previous block hash, id or observation key): breaks ties so that nobody can aim at a place in the order. */
  tieBreak(previous: Hash, id: Hash): Hash
  /** Names an exact list of deals of a coin epoch. */
  deals(epoch: number, events: readonly EventId[]): Hash
  /** The bits of the predictable coin. */
  coin(lastBlock: Hash, election: number, round: number, subject: PeerId): Hash
}

/** What two peers say to each other about the graph. */
export type GossipMessage =
  /** In topological order. `more`: the sender holds more that the receiver lacks; it asks again. */
  | { readonly kind: 'events'; readonly events: readonly GossipEvent[]; readonly more: boolean }
  /** The heads of the sender's graph: on connection, and whenever a peer may have missed something. */
  | { readonly kind: 'tips'; readonly tips: readonly EventId[] }
  /** Asks for these events and their ancestors, or with no ids for all, beyond what the asker's `tips` descend from. */
  | { readonly kind: 'want'; readonly ids: readonly EventId[]; readonly tips: readonly EventId[] }
  /** Whom a peer is connected to: the sender, so that neighbours know where they have to relay, or one behind it. */
  | { readonly kind: 'links'; readonly statement: SignedLinks }

/** The core names events; what they say, the host has. It signs what we state of our own links, which is not yet. */
export type OutgoingMessage =
  | Exclude<GossipMessage, { readonly kind: 'events' | 'links' }>
  | { readonly kind: 'events'; readonly events: readonly EventId[]; readonly more: boolean }
  | { readonly kind: 'links'; readonly statement: LinkStatement | SignedLinks }

/** Every input carries the host's monotonic-enough clock, in milliseconds since 1970. */
export type Input =
  | { readonly kind: 'message'; readonly nowMs: number; readonly from: PeerId; readonly message: GossipMessage }
  | {
      readonly kind: 'submit'
      readonly nowMs: number
      readonly transactions: readonly Uint8Array[] /** The block that orders them gets a random value. */
      readonly draw?: boolean
    }
  /** Asks for the random value of a final block. */
  | { readonly kind: 'draw'; readonly nowMs: number; readonly height: number }
  | { readonly kind: 'peerUp'; readonly nowMs: number; readonly peer: PeerId }
  | { readonly kind: 'peerDown'; readonly nowMs: number; readonly peer: PeerId }
  /** The measured one-way delay of a link. */
  | { readonly kind: 'delay'; readonly nowMs: number; readonly peer: PeerId; readonly oneWayMs: number }
  /** The admission policy accepts this connected peer: vote to add it. */
  | {
      readonly kind: 'admit'
      readonly nowMs: number
      readonly peer: PeerId
      readonly invitation?: InvitationUse
    }
  /** An application vote. */
  | { readonly kind: 'vote'; readonly nowMs: number; readonly value: Uint8Array }
  /** Ask to be removed; a sole voter hands over first. */
  | { readonly kind: 'leave'; readonly nowMs: number }
  /**
   * The page goes away or falls asleep: votes for voters without this peer. A sole voter decides that alone, at once, in
   * the timers that follow.
   */
  | { readonly kind: 'standDown'; readonly nowMs: number }
  /** This process stood still, or stood down, and runs again; its neighbours greet it anew. */
  | { readonly kind: 'wake'; readonly nowMs: number }
  | { readonly kind: 'timer'; readonly nowMs: number }
  /** The own store's events in topological order, before any other input. */
  | {
      readonly kind: 'restore'
      readonly nowMs: number
      readonly events: readonly GossipEvent[]
      /** The last own event, should it have been lost: until others bring it, nothing is created. */
      readonly ownTip?: EventId | null
    }

export interface Rejection {
  readonly event: EventId
  readonly from: PeerId | null
  readonly reason:
    | 'wrongSection'
    | 'notAMember'
    | 'removed'
    | 'wrongSelfParent'
    | 'wrongSequence'
    | 'tooManyOtherParents'
    | 'tooManyWaiting'
    /** Whoever sent it did not send its parents either. */
    | 'missingParents'
    /** It descends from an event that was refused. */
    | 'refusedParent'
}

/**
 * The host handles an Output whole, in this order: sign `drafts` and our statement of links; make `persist` durable; send `send`; then report
 * the rest. Nothing that was sent is ever contradicted after a crash because of that order.
 */
export interface Output {
  /** Own new events, to be signed. Also in `persist`. */
  readonly drafts: readonly GossipEvent[]
  /** Accepted events in topological order, own and others'. */
  readonly persist: readonly GossipEvent[]
  readonly send: readonly { readonly to: PeerId; readonly message: OutgoingMessage }[]
  /** Newly final, in order. */
  readonly blocks: readonly Block[]
  /** Heights up to this one now carry a certificate. */
  readonly certifiedHeight: number
  readonly rejections: readonly Rejection[]
  readonly evidence: readonly Malice[]
  /** Call `step` with a timer input at this time at the latest; null when idle. */
  readonly nextTimerMs: number | null
  /** The section stopped: two certificates at one height, or a broken invariant. Nothing more will become final here. */
  readonly alarm: string | null
}
