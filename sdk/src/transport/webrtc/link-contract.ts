/** What a link offers to the mesh, and what it tells it. */
import type { encodeMessage, Goodbye, Message, Neighbour } from '../messages.ts'
import type { CandidatePairType, Candidates, PeerDownReason, Refusal } from '../port.ts'
import type { Signal } from '../signaling/messages.ts'

export interface Traffic {
  sent: number
  received: number
}

export interface LinkHandlers {
  signal(signal: Signal, n: number): void
  /** Proved on both sides. */
  up(session: string): void
  frame(bytes: Uint8Array): void
  drained(): void
  delay(roundTripMs: number): void
  neighbours(neighbours: readonly Neighbour[]): void
  relay(message: Extract<Message, { kind: 'relay' }>): void
  /** Once, unless we ended it ourselves. */
  ended(end: LinkEnd): void
}

export interface LinkEnd {
  /** `unreachable`: no channel ever opened. */
  readonly reason: PeerDownReason | 'unreachable' | 'refused'
  readonly refusal: Refusal | null
}

export interface Link {
  readonly phase: 'connecting' | 'proving' | 'up' | 'over'
  readonly rttMs: number | null
  readonly candidatePair: CandidatePairType | null
  readonly clockOffsetMs: number | null
  /** What both sides have told each other so far. */
  readonly candidates: Candidates
  /** The other side has sent something. */
  readonly answered: boolean
  receiveSignal(n: number, signal: Signal): void
  send(message: Parameters<typeof encodeMessage>[0]): boolean
  bufferedBytes(): number
  /** Says why, lets what was sent go out, releases; resolves when released. */
  end(goodbye: Goodbye): Promise<void>
  /** At once; what has not gone out is lost. */
  release(): void
  /** Nothing of it is left. */
  readonly released: Promise<void>
}
