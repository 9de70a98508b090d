/** What there is to see of a section's gossip graph and elections: plain data, so that it crosses threads and files. */
import type { EventId, Hash, PeerId } from '../../core/gossip/event.ts'
import type { Observation } from '../../core/section/observation.ts'

/** A gossip event without its payload. */
export interface InspectedEvent {
  readonly id: EventId
  readonly creator: PeerId
  /** 0, 1, 2, … without gaps. */
  readonly seq: number
  /** Which of its creator's branches it lies on: 0, unless the creator forked. */
  readonly branch: number
  readonly selfParent: EventId | null
  readonly otherParents: readonly EventId[]
  /** Its creator's clock, in milliseconds since 1970. */
  readonly createdAtMs: number
  /** How many. */
  readonly transactions: number
  /** What it votes for, each kind once. */
  readonly votes: readonly Observation['kind'][]
  /** It carries key items or shares of the coin. */
  readonly coin: boolean
  /** Its signature vouches for the blocks up to this height. */
  readonly attestedHeight: number
}

/** What an event by a voter is in one election. An event may take part in more than one. */
export interface InspectedRole {
  readonly event: EventId
  readonly election: number
  /** Its creator's first event with undecided content in this election. */
  readonly interesting: boolean
  /** On an observer: of how many voters it strongly sees the interesting event; null elsewhere. */
  readonly observees: number | null
  /** From the observer on, how many of the agreements, one per voter, came to which answer; null before. */
  readonly agreements: { readonly yes: number; readonly no: number; readonly open: number } | null
  /** The furthest stage of an open agreement, rounds counted from 0; null where none is open. */
  readonly stage: { readonly round: number; readonly step: 'forcedTrue' | 'forcedFalse' | 'genuineFlip' } | null
  /** The election is decided at it. */
  readonly decides: boolean
}

export interface InspectedElection {
  /** From 0. */
  readonly number: number
  readonly voters: readonly PeerId[]
  /** `empty`: decided, and there was nothing left to make a block of. */
  readonly outcome: 'open' | 'block' | 'empty'
  /** Of its block, or of the last one before it. */
  readonly height: number
}

export interface InspectedBlock {
  readonly height: number
  /** When it was final here, in milliseconds since 1970; null if that was not seen. */
  readonly finalAtMs: number | null
  /** The events whose transactions it orders, in that order. */
  readonly events: readonly EventId[]
}

export interface InspectedGraph {
  readonly sectionId: Hash
  /** Each after its parents. */
  readonly events: readonly InspectedEvent[]
  readonly roles: readonly InspectedRole[]
  readonly elections: readonly InspectedElection[]
  readonly blocks: readonly InspectedBlock[]
}

/** News of the graph since the last batch. Later versions may add fields. */
export interface Inspection extends InspectedGraph {
  readonly version: 1
  /** What was delivered before is void: the listener is new, or we are in another section. */
  readonly reset: boolean
  /** How many events are left out, because more came than a batch holds, or came before. */
  readonly skipped: number
}
