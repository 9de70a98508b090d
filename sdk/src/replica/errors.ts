/** What a machine's author has to act on. */

export type ReplicaErrorCode =
  /** The machine asked for randomness other than the section's. */
  | 'nondeterministic'
  /** `apply` answered with something other than `accept(state)` or `reject(reason)`; a promise, for instance. */
  | 'badResult'
  /** A state holds what cannot be kept: see `Machine`. */
  | 'badState'
  /** An option is out of range. */
  | 'badOptions'
  /** `close` was called. */
  | 'closed'
  /** The section ended before the transaction's block could be applied. */
  | 'ended'

export class ReplicaError extends Error {
  override readonly name = 'ReplicaError'
  readonly code: ReplicaErrorCode

  constructor(code: ReplicaErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
