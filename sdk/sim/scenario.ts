/**
 * One run as plain data: what a seed expands to, what the shrinker takes apart, what a regression file stores.
 * Times are virtual milliseconds from the start of the run; peers are named by their slot, 0 … peers − 1.
 */
import type { InvitationUse } from '../src/core/section/observation.ts'
import type { AdversaryKind } from './adversaries/catalogue.ts'
import type { DelayModel } from './network/delay.ts'

/** The points of a hand-over at which a process can die (the runtime's order: sign, persist, send). */
export type CrashPoint = 'afterStep' | 'afterSign' | 'afterPersist' | 'amidSend' | 'afterSend'

export type Fault =
  /** Dies at the first hand-over at or after `atMs` that holds something to sign; back after `downMs`, null: never. */
  | {
      readonly kind: 'crash'
      readonly slot: number
      readonly atMs: number
      readonly point: CrashPoint
      readonly downMs: number | null
    }
  /** Comes back without its storage, hence as somebody new. */
  | { readonly kind: 'lostStorage'; readonly slot: number; readonly atMs: number; readonly downMs: number }
  /** Links between the slots and the others: `cut` closes them, `stall` holds what is sent until it heals. */
  | {
      readonly kind: 'partition'
      readonly slots: readonly number[]
      readonly atMs: number
      readonly untilMs: number
      readonly manner: 'cut' | 'stall' | 'stallInbound' | 'stallOutbound'
    }
  /** Timers fire on whole seconds only, as in a hidden tab. */
  | { readonly kind: 'throttled'; readonly slot: number; readonly atMs: number; readonly untilMs: number }
  /** Handles nothing; what arrives waits. `standsDown`: it is told before, as a page by its browser, and hands over. */
  | {
      readonly kind: 'frozen'
      readonly slot: number
      readonly atMs: number
      readonly untilMs: number
      readonly standsDown?: boolean
    }
  /** The page is closed: it hands over and dies. Back after `downMs`, null: never. */
  | { readonly kind: 'closed'; readonly slot: number; readonly atMs: number; readonly downMs: number | null }
  | { readonly kind: 'leave'; readonly slot: number; readonly atMs: number }

export const coinModels = ['threshold', 'hash', 'parity'] as const
export type CoinModel = (typeof coinModels)[number]

export interface Submission {
  readonly atMs: number
  readonly slot: number
  /** Sent in one `submit`. */
  readonly transactions: number
  /** Asks for a random value of the block that orders them. */
  readonly draw?: boolean
}

/** A vote of the application's, cast by one peer; equal values are one ballot. */
export interface VoteCast {
  readonly atMs: number
  readonly slot: number
  readonly value: string
}

export interface Scenario {
  readonly seed: number
  /** `fixed`: all slots are founders, no voter policy. `grow`: slot 0 founds, the others join, voter policy on. */
  readonly genesis: 'fixed' | 'grow'
  readonly peers: number
  readonly maxVoters: number
  readonly profile: 'section' | 'classic'
  readonly hash: 'fast' | 'wire'
  /**
   * `threshold`: the section makes its own keys, modelled; `hash` and `parity`: the coin can be computed by anybody, or
   * is none at all. Absent: `hash`.
   */
  readonly coin?: CoinModel
  /** δ: mean one-way delay. */
  readonly deltaMs: number
  readonly delay: DelayModel
  /** Chance per message that the link breaks instead of delivering. */
  readonly lossRate: number
  readonly duplicateRate: number
  readonly missingLinks: readonly (readonly [number, number])[]
  /** Every delay of these slots is this many times longer. */
  readonly slow: readonly { readonly slot: number; readonly factor: number }[]
  /** How often each invitation can be used; peers come with one of them by turns. Absent: whoever comes is let in. */
  readonly invitations?: readonly number[]
  /** How long a member may be away before it is removed; null: for ever. */
  readonly forgetAfterMs: number | null
  /** Added to each slot's clock, by slot. */
  readonly clockSkewMs: readonly number[]
  /** How long a write to the store takes; nothing else is handled meanwhile. */
  readonly persistMs: number
  /** When each slot starts, by slot; null: never. */
  readonly startMs: readonly (number | null)[]
  readonly submissions: readonly Submission[]
  readonly votes: readonly VoteCast[]
  readonly faults: readonly Fault[]
  readonly adversaries: readonly { readonly slot: number; readonly kinds: readonly AdversaryKind[] }[]
  /** The content-aware scheduler holds back messages by up to this many δ; 0: there is none. */
  readonly schedulerDelta: number
  /** Faults, adversaries' extras and submissions end here; then everything heals and the section has to come to rest. */
  readonly activeMs: number
  /** How long after `activeMs` everything has to be final and silent. */
  readonly drainMs: number
}

/** What this slot comes with, under all its identities; undefined where nobody needs one. */
export function invitationOf({ invitations }: Scenario, slot: number): InvitationUse | undefined {
  if (invitations === undefined || invitations.length === 0) return undefined
  const index = slot % invitations.length
  return { id: index.toString(16).padStart(64, '0'), uses: invitations[index] as number }
}

/** Clock reading at virtual time 0. */
export const epochMs = 1_700_000_000_000
