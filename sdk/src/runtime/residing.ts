/** What a residence needs, tells and offers: see `residence.ts`. */
import type { Hash, PeerId } from '../core/gossip/event.ts'
import type { Output } from '../core/io.ts'
import type { Genesis } from '../core/section/block.ts'
import type { Identity, Verifier } from '../crypto/index.ts'
import type { Store } from '../store/index.ts'
import type { Transport, TransportHandlers } from '../transport/port.ts'
import type { WireHashing } from '../wire/index.ts'
import type { MayVote } from './eligibility.ts'
import type { Engine, Stimulus } from './engine.ts'
import type { LastWords } from './last-words.ts'
import type { Admission, AdmissionRefusal } from './types.ts'

export interface ResidenceOptions {
  readonly identity: Identity
  readonly verifier: Verifier
  readonly hashing: WireHashing
  /** Opens the identity's store; called anew after `delete`. */
  readonly openStore: () => Promise<Store>
  /** The identity was used before, so that an empty store has lost what it said. Default: it is new. */
  readonly hasPast?: boolean
  /** Keeps what is said while the page is being closed; without it nothing is. */
  readonly lastWords?: LastWords
  readonly connect: (handlers: TransportHandlers) => Transport
  readonly nowMs: () => number
  readonly random: (length: number) => Uint8Array
  /** Live in this section or in none. */
  readonly wanted: Hash | null
  /** No signaling server was given: nobody but the tabs of this browser can be met. Default: there is one. */
  readonly isServerless?: boolean
  readonly maxVoters: number
  readonly admission: Admission
  /** Null: everybody may. */
  readonly mayVote: MayVote | null
  /** Default: never. */
  readonly forgetAfterMs?: number
  /** What we show to those who decide about us; empty where we have none. */
  readonly invitation: Uint8Array
}

export type Meeting = 'signaling' | 'members' | 'none'

/** As the core takes it. */
export type Submission = Pick<Extract<Stimulus, { kind: 'submit' }>, 'transactions' | 'draw'>

export interface ResidenceEvents {
  /** What the section's core did, in order. */
  report(output: Output, engine: Engine): void
  /** Peers, servers or the section changed. */
  changed(): void
  refused(reason: string, peer: PeerId | null): void
  conflict(sectionId: Hash): void
  /** A section was met that goes on where ours ended. */
  successor(sectionId: Hash): void
  /** We left our section, of which blocks up to this height count, for its successor: what is not final will not be. */
  moved(move: { readonly from: Hash; readonly to: Hash; readonly height: number }): void
  /** What was submitted since we moved and is not final. */
  submitted(): readonly Submission[]
  /** The section starts anew from what is stored: all blocks are reported again. */
  resumed(): void
  /** Nothing more is said here, and nobody is reached: `StoreError`, `IdentityInUseError`, or unforeseen. */
  failed(error: unknown): void
  /** Others are here, and we cannot read what they say. */
  lockedOut(): void
  /** Nobody lets us in. */
  turnedAway(refusal: AdmissionRefusal): void
  /** Our section yielded to another; answers with the transactions to submit there. */
  yielded(): readonly Submission[]
}

export interface Home {
  readonly id: Hash
  readonly genesis: Genesis
  readonly engine: Engine
}

export interface Residence {
  readonly home: Home | null
  readonly transport: Transport
  readonly store: Store
  /** How somebody who is not connected can be met: over a server, through those that are connected, or not at all. */
  readonly meeting: Meeting
  /** We reach nobody, and others in the room say what our password does not open. */
  readonly isLockedOut: boolean
  /** The latest answer of a member that does not let us in. */
  readonly turnedAway: AdmissionRefusal | null
  /** Peers that said that they fall asleep, and gave no sign of life since. */
  readonly asleep: ReadonlySet<PeerId>
  /** How often what peers sent could not be read, by reason. */
  readonly faults: Readonly<Record<string, number>>
  /** Hands over our vote before it returns, if we have one. A page that is frozen tells its peers; one that is closed is gone. */
  standDown(how: 'closed' | 'frozen'): void
  /** This process stood still, or stood down, and runs again. */
  wake(): void
  /** Starts anew from the store and the last words that somebody else left, and then wakes. */
  resume(): void
  /** Sections that go on where ours ended, as far as we met them. */
  readonly successors: ReadonlyMap<Hash, Genesis>
  /** A section of our own that goes on where ours ends. */
  found(): { readonly id: Hash; readonly genesis: Genesis }
  /** From our section into its successor, with the same key and for good. Rejects with `StoreError`. */
  succeed(id: Hash, genesis: Genesis): Promise<void>
  /** Stops moving house: nothing is founded or joined any more. */
  settleDown(): void
  /** Goes offline and handles what is under way. The store stays open. */
  close(): Promise<void>
}

/** The identity lives in another section than the one that is wanted. */
export class OtherSectionError extends Error {
  override readonly name = 'OtherSectionError'
}
