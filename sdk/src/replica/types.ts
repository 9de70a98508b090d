/** The public shapes of a replica. */
import type { FinalBlock, Hash, PeerId, RandomValue, Receipt, SectionStatus, SubmitOptions } from '../index.ts'

/**
 * A deterministic state machine: equal blocks lead to equal states in every tab.
 *
 * A state is null, a boolean, number, string, bigint or undefined, or an array, plain object, Map or Set of states, at
 * most 256 deep. It is frozen, deeply: `apply` answers with another one, which may share parts with it. Bytes and dates
 * cannot be frozen: keep text and milliseconds.
 */
export interface Machine<State, Reason = string> {
  /** Tells machines of one section apart: their attestations and snapshots. At most 64 characters. Default empty. */
  readonly name?: string
  /**
   * To be changed with the rules, in all tabs: snapshots of another version are not used, and who runs another version
   * may come to other states.
   */
  readonly version: number | string
  /** Before the first block; a function is given where the section comes from, and is called again in another one. */
  readonly initial: State | ((origin: Origin) => State)
  /**
   * A function of its arguments alone. Values come from other members, who may send anything. In here the clock stands
   * at the block's time, and sources of randomness throw. Whatever it throws rejects the transaction, in every tab.
   */
  readonly apply: (state: State, transaction: Transaction, context: Context) => Applied<State, Reason>
  /**
   * Whether applying needs a random value: a function of its arguments alone. The block, and all above it, are applied
   * once the section has drawn it. Default: none does.
   */
  readonly draws?: (value: unknown, creator: PeerId) => boolean
  /** After the transactions of each block, when its changes take effect: members come and go. */
  readonly endBlock?: (state: State, block: FinalBlock) => State
}

export interface Transaction {
  /** Unique in the section. */
  readonly id: string
  readonly creator: PeerId
  /** As submitted. */
  readonly value: unknown
}

export interface Context {
  /** Of the transaction's block; while it is pending, one more than the last block's. */
  readonly height: number
  /** The block's agreed time in milliseconds since 1970; while it is pending, the last block's. */
  readonly timeMs: number
  /** The voters that decided the block, and the members after it; while it is pending, the last block's. */
  readonly voters: readonly PeerId[]
  readonly members: readonly PeerId[]
  /**
   * The transaction's own random value, which follows from its block's. Null while it is pending, as nobody knows it
   * then, and for a transaction that does not draw.
   */
  readonly randomness: RandomValue | null
}

export interface Origin {
  readonly sectionId: Hash
  /** Its first voters, who are members without being added by a block. */
  readonly founders: readonly PeerId[]
  /** Where the section ended that this one re-forms; null if it re-forms none. */
  readonly previousSection: SectionStatus['previousSection']
}

export type Applied<State, Reason> =
  | { readonly kind: 'accepted'; readonly state: State }
  | { readonly kind: 'rejected'; readonly reason: Reason }

export function accept<State>(state: State): Applied<State, never> {
  return { kind: 'accepted', state }
}

/** The transaction stays in its block and changes nothing. */
export function reject<Reason extends string>(reason: Reason): Applied<never, Reason>
export function reject<Reason>(reason: Reason): Applied<never, Reason>
export function reject<Reason>(reason: Reason): Applied<never, Reason> {
  return { kind: 'rejected', reason }
}

export type Verdict<Reason> =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'rejected'; readonly reason: Reason }
  /** The machine failed at it, in every tab alike; it changed nothing. */
  | { readonly kind: 'threw'; readonly error: unknown }

export type Outcome<Reason> = Verdict<Reason> & {
  readonly height: number
  /** Place among the block's transactions. */
  readonly index: number
}

export interface Submission<Reason> extends Receipt {
  /**
   * The machine's word, once its block is applied. Rejects with what the receipt rejects with, and with `ReplicaError`
   * `closed`, `ended`.
   */
  readonly outcome: Promise<Outcome<Reason>>
}

export interface PendingTransaction<Reason> {
  readonly id: string
  readonly value: unknown
  /** What the machine would say if nothing came in between. */
  readonly verdict: Verdict<Reason>
}

/** What a machine failed at last, in a final block. */
export interface Fault {
  readonly height: number
  /** Null: not at a transaction, but at the block's end, or at its initial state. */
  readonly transaction: string | null
  readonly error: unknown
}

/**
 * Replicas that applied the same blocks hold different states: this one's machine, or the others', is not deterministic,
 * has another version, or is not the same program. A peer may also lie about its own.
 */
export interface Divergence {
  /** The first block, of those attested, after which states were seen to differ. */
  readonly height: number
  /** Of our own state after it. */
  readonly hash: Hash
  readonly agreeing: readonly PeerId[]
  readonly differing: readonly { readonly peer: PeerId; readonly version: number | string; readonly hash: Hash }[]
}

export interface Readout<State, Reason> {
  /** After the final block at `height`; 0 before the first. Equal in all tabs that are as far. */
  readonly final: State
  readonly height: number
  readonly blockHash: Hash
  /** The block's agreed time in milliseconds since 1970; 0 before the first. */
  readonly timeMs: number
  /** `final` with the own pending transactions on top, in their order, as far as the machine accepts them. */
  readonly view: State
  readonly pending: readonly PendingTransaction<Reason>[]
  /** Height of the block whose random value is awaited; null while none is. */
  readonly awaiting: number | null
  readonly divergence: Divergence | null
  readonly fault: Fault | null
}

export interface AppliedTransaction<Reason> extends Transaction {
  readonly verdict: Verdict<Reason>
}

export interface AppliedBlock<State, Reason> {
  readonly block: FinalBlock
  /** In the block's order; without the replicas' own attestations. */
  readonly transactions: readonly AppliedTransaction<Reason>[]
  /** After it. */
  readonly state: State
}

export interface ReplicaEvents<State, Reason> {
  /** Each block as it is applied, those of a snapshot left out. */
  applied: (applied: AppliedBlock<State, Reason>) => void
  /** A peer was seen to differ. */
  divergence: (divergence: Divergence) => void
}

export interface Replica<State, Reason> {
  /** The same object until something changes, as React's `useSyncExternalStore` wants it. */
  readonly current: Readout<State, Reason>
  /** Calls back when `current` has changed. Returns the function that ends the subscription. */
  subscribe(listener: () => void): () => void
  on<Name extends keyof ReplicaEvents<State, Reason>>(
    name: Name,
    listener: ReplicaEvents<State, Reason>[Name],
  ): () => void
  /** As `Section.submit`; a value that draws asks for its random value by itself. */
  submit(value: unknown, options?: SubmitOptions): Submission<Reason>
  /** SHA-256 of the final state, canonically encoded, in hexadecimal. */
  hash(): Hash
  /** Stops following the section, which stays open. Resolves once the last snapshot is written. */
  close(): Promise<void>
}

export interface ReplicaOptions {
  /** Keeps the state, so that a reload need not apply every block again. Default: nothing is kept. */
  readonly snapshots?: SnapshotStore
  /** Blocks between two snapshots. Default 64. */
  readonly snapshotEvery?: number
  /**
   * Blocks with transactions between two attestations of the state's hash by the voters; the same in all tabs.
   * 0: never. Default 16.
   */
  readonly attestEvery?: number
}

export interface Snapshot {
  readonly version: number | string
  readonly height: number
  readonly blockHash: Hash
  /** Blocks with transactions up to there. */
  readonly counted: number
  readonly state: unknown
  /** Of the state. */
  readonly hash: Hash
}

/** Where snapshots lie: one for each key, which names the section and the machine. What it answers is not trusted. */
export interface SnapshotStore {
  load(key: string): Promise<unknown>
  save(key: string, snapshot: Snapshot): Promise<void>
}
