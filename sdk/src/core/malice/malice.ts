/** Provable misbehaviour (RFC 0050 and the protocol's own rules), each with the events that prove it. */
import type { EventId, PeerId } from '../gossip/event.ts'

export type Malice =
  /** Two events by one creator, neither a self-ancestor of the other. */
  | { readonly kind: 'fork'; readonly accused: PeerId; readonly evidence: readonly [EventId, EventId] }
  /** Two events of one self-chain carry the same vote. */
  | { readonly kind: 'duplicateVote'; readonly accused: PeerId; readonly evidence: readonly [EventId, EventId] }
  /** An other-parent of the event is an ancestor of its self-parent already. */
  | { readonly kind: 'staleOtherParent'; readonly accused: PeerId; readonly evidence: readonly [EventId] }
  /** An other-parent is by the event's own creator, or two are by one. */
  | { readonly kind: 'invalidOtherParent'; readonly accused: PeerId; readonly evidence: readonly [EventId] }
  /** The event attests a block that its own ancestry does not decide. */
  | { readonly kind: 'falseAttestation'; readonly accused: PeerId; readonly evidence: readonly [EventId] }
  /** The event carries an accusation that its evidence does not support. */
  | { readonly kind: 'invalidAccusation'; readonly accused: PeerId; readonly evidence: readonly [EventId] }
  /** The event holds a deal whose proofs, or one of whose sealed shares, are bad. By the blocks that order it. */
  | { readonly kind: 'badDeal'; readonly accused: PeerId; readonly evidence: readonly [EventId] }
  /** The event complains about a share that is good. By the blocks that order it. */
  | { readonly kind: 'falseComplaint'; readonly accused: PeerId; readonly evidence: readonly [EventId] }
  /** The event holds a share of a coin that its creator's key does not make. */
  | { readonly kind: 'badCoinShare'; readonly accused: PeerId; readonly evidence: readonly [EventId] }
  /** The event descends from provable malice and neither it nor an earlier event of its creator accuses. */
  | { readonly kind: 'accomplice'; readonly accused: PeerId; readonly evidence: readonly [EventId, EventId] }
