/** What voters observe and vote for inside events. An observation is decided once a supermajority of voters voted for it. */
import type { EventId, Hash, PeerId } from '../gossip/event.ts'
import type { Malice } from '../malice/malice.ts'

/** `id` names the invitation's content, hence also how many members may be added under it: `uses`, at least 1. */
export interface InvitationUse {
  readonly id: Hash
  readonly uses: number
}

/**
 * `since` makes a vote valid for one state of affairs only: for `add` and `remove` the height at which the peer's
 * membership last changed (0: never), for `voters` the height at which the set of voters last changed. After a
 * change, old votes are void and nobody has to take them back.
 */
export type Observation =
  | {
      readonly kind: 'add'
      readonly peer: PeerId
      readonly since: number
      /** The invitation that this addition uses up once; absent where none was needed. */
      readonly invitation?: InvitationUse
    }
  | { readonly kind: 'remove'; readonly peer: PeerId; readonly since: number }
  /** Promotions and demotions together, so that the section goes from one 3f+1 size to another in one block. Both sorted. */
  | {
      readonly kind: 'voters'
      readonly promote: readonly PeerId[]
      readonly demote: readonly PeerId[]
      readonly since: number
    }
  /** Proven malice (RFC 0050): a vote to expel the accused. `evidence` names events, so that every peer judges itself. */
  | {
      readonly kind: 'accusation'
      readonly accused: PeerId
      readonly malice: Malice['kind']
      readonly evidence: readonly EventId[]
    }
  /** What accusations of one peer vote for, whatever their evidence: it stands in blocks, never in an event. */
  | { readonly kind: 'expel'; readonly peer: PeerId }
  /** A value of the application's, final once a supermajority of voters voted for the very same bytes. */
  | { readonly kind: 'vote'; readonly value: Uint8Array }
