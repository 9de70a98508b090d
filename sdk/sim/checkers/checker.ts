/**
 * What every checker sees: the reports of the correct hosts, and at the end the world. A checker knows nothing of
 * workload and faults beyond what `World` states.
 */
import type { GossipEvent, Hash, PeerId } from '../../src/core/gossip/event.ts'
import type { GossipMessage, Hashing, Input, Output } from '../../src/core/io.ts'
import type { Block, Genesis } from '../../src/core/section/block.ts'
import type { Host } from '../process/host-port.ts'
import type { OwedVote } from '../process/submissions.ts'
import type { Registry } from '../registry.ts'
import type { Scenario } from '../scenario.ts'

export interface Violation {
  readonly checker: string
  readonly atMs: number
  readonly detail: string
}

/** The first block that any correct host reported at each height; index 0 is height 1. */
export type Ledger = readonly Block[]

export interface World {
  readonly scenario: Scenario
  readonly genesis: Genesis
  readonly sectionId: Hash
  readonly registry: Registry
  readonly hashing: Hashing
  readonly hosts: readonly Host[]
  readonly ledger: Ledger
  /** No adversary in this slot. */
  isCorrect(slot: number): boolean
  /** The correct host behind a key, dead or alive, under a former identity too. */
  isCorrectPeer(peer: PeerId): boolean
  /** P3, or P3' after the storage was lost once. */
  nameOf(peer: PeerId): string
  /** Transactions that have to be final by the end, by the promise of inclusion. */
  owedTransactions(): readonly string[]
  /** Votes that have been cast by the end, or were not needed any more. */
  owedVotes(): readonly OwedVote[]
  /** Whether at the end at most f of the voters are gone or adversaries, so that there has to be progress. */
  livenessIsPromised(): boolean
  /** Whether this host is connected to more than 2/3 of the voters, correct ones: then they can judge it and take it in. */
  meetsQuorum(host: Host): boolean
  /** Virtual time of the last event that a correct host signed. */
  lastSignedMs(): number
  nowMs(): number
  fail(checker: string, detail: string): void
}

/** Hooks hear correct hosts only. */
export interface Checker {
  onStarted?(host: Host): void
  onStopped?(host: Host): void
  onSigned?(host: Host, event: GossipEvent): void
  onPersisted?(host: Host, events: readonly GossipEvent[]): void
  onSend?(host: Host, to: PeerId, message: GossipMessage): void
  onOutput?(host: Host, input: Input, output: Output): void
  /** A block that is new at this host since its last start. */
  onBlock?(host: Host, block: Block): void
  /** A block that is new to the ledger. */
  onFirstBlock?(block: Block): void
  onException?(host: Host, input: Input, error: unknown): void
  /** Once, when the run came to rest (`idle`) or its time was up. */
  atEnd?(idle: boolean): void
}

export type CreateChecker = (world: World) => Checker
