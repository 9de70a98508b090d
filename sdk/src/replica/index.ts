/**
 * `parsec-web/replica`: deterministic state machines over a section's final blocks, with an optimistic view on top.
 * Imports the public API and hashes; the snapshots' store imports idb.
 */
export { ReplicaError, type ReplicaErrorCode } from './errors.ts'
export { integersFrom } from './randomness.ts'
export { replicate } from './replicate.ts'
export { indexedDbSnapshots } from './snapshots.ts'
export { stateHash } from './state-hash.ts'
export {
  type Applied,
  type AppliedBlock,
  type AppliedTransaction,
  accept,
  type Context,
  type Divergence,
  type Fault,
  type Machine,
  type Origin,
  type Outcome,
  type PendingTransaction,
  type Readout,
  type Replica,
  type ReplicaEvents,
  type ReplicaOptions,
  reject,
  type Snapshot,
  type SnapshotStore,
  type Submission,
  type Transaction,
  type Verdict,
} from './types.ts'
