/** A caller's mistake, or what a caller has to act on. A peer's fault is never an exception. */

export type ParsecErrorCode =
  /** An option is missing or out of range; `detail` says which. */
  | 'badOptions'
  /** This host has no WebRTC or no WebSocket. */
  | 'unsupported'
  /** The caller's signal was aborted. */
  | 'aborted'
  /** No signaling server could be reached, and nobody was found in this browser. */
  | 'signalingUnreachable'
  /** The invitation is not one, or names a section that nobody here is in. */
  | 'badInvitation'
  | 'sectionNotFound'
  /** The section's members do not let us in; `reason` is an `AdmissionRefusal`. */
  | 'notAdmitted'
  /** Others are in this room, and what they say cannot be read with our password, or without one. */
  | 'wrongPassword'
  /** A value cannot be submitted: too large, too deep, or of a kind that cannot travel. */
  | 'badValue'
  /** More is submitted than becomes final, and as much waits as may: submit it again once something is final. */
  | 'tooManyPending'
  /** A block holds more than an exported history can. */
  | 'tooLarge'
  /** We are not, or no longer, a member. */
  | 'notAMember'
  /** Not final when its section was re-formed and left; submit it again where it still makes sense. */
  | 'superseded'
  /** Nobody re-forms a section that can go on by itself. */
  | 'notStalled'
  /** `leave` or `close` was called. */
  | 'closed'
  /** The section stopped: the alarm says why. */
  | 'stopped'
  /** Storage failed in a way that keeps us from keeping our promises; `reason` says how (`quota`, `closed`, …). */
  | 'storage'
  /** Somebody else uses this tab's identity: its storage was copied, or an older state of it put back. */
  | 'identityInUse'

export class ParsecError extends Error {
  override readonly name = 'ParsecError'
  readonly code: ParsecErrorCode
  /** What exactly, for programs, where the code says so; else null. */
  readonly reason: string | null

  constructor(
    code: ParsecErrorCode,
    message: string,
    { reason = null, ...options }: { cause?: unknown; reason?: string | null } = {},
  ) {
    super(message, options)
    this.code = code
    this.reason = reason
  }
}
