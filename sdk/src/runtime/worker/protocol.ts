/** What a page and the worker that runs its section say to each other. */
import type { PeerId } from '../../core/gossip/event.ts'
import type { IdentityKey } from '../../crypto/index.ts'
import type { PeerDownReason, Refusal, SignalingState } from '../../transport/port.ts'
import type { ReadInvitation } from '../invitation.ts'
import type { News, SectionHost, Submitted } from '../news.ts'
import type { Packed } from '../packed.ts'
import type { Admission } from '../types.ts'

/** Functions stay on the page, which is asked. */
export interface WorkerOptions {
  readonly room: string
  readonly storage: 'indexeddb' | 'memory'
  readonly isServerless: boolean
  readonly maxVoters: number
  readonly invitation: ReadInvitation | null
  readonly admission: Exclude<Admission, (peer: PeerId) => unknown> | 'ask'
  readonly mayVote: 'everybody' | 'ask'
  readonly forgetAfterMs?: number
  readonly preferred: PeerId | null
}

/** What the page's transport reports. `link` counts the times that the peer came up. */
export type NetworkEvent =
  | { readonly kind: 'peerUp'; readonly peer: PeerId; readonly link: number }
  | { readonly kind: 'peerDown'; readonly peer: PeerId; readonly reason: PeerDownReason }
  | { readonly kind: 'frame'; readonly peer: PeerId; readonly bytes: Uint8Array }
  /** Of what was sent over this link, so many more bytes were taken up, and so many wait there to leave. */
  | {
      readonly kind: 'sent'
      readonly peer: PeerId
      readonly link: number
      readonly bytes: number
      readonly bufferedBytes: number
    }
  | { readonly kind: 'delay'; readonly peer: PeerId; readonly roundTripMs: number }
  | { readonly kind: 'signaling'; readonly state: SignalingState }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

export type ToWorker =
  | { readonly kind: 'network'; readonly event: NetworkEvent }
  | { readonly kind: 'call'; readonly method: HostCommand; readonly parameters: readonly unknown[] }
  /** `Submitted`s, field by field. */
  | {
      readonly kind: 'submit'
      readonly ids: readonly string[]
      readonly transactions: Packed
      readonly draws: readonly boolean[]
    }
  /**
   * The page stood down and runs again; nothing that it was told to send since then was sent, and no block shown. What it
   * kept of that time, and what was submitted and is not final.
   */
  | { readonly kind: 'resume'; readonly lastWords: string | null; readonly open: readonly Submitted[] }

export type ToPage =
  /** The identity that the host starts with; it may start again with another one. */
  | { readonly kind: 'identity'; readonly me: PeerId }
  | { readonly kind: 'news'; readonly news: News }
  | { readonly kind: 'connect' }
  | { readonly kind: 'send'; readonly peer: PeerId; readonly link: number; readonly frame: Uint8Array }
  | { readonly kind: 'disconnect'; readonly peer: PeerId; readonly reason: string }
  /** The last own event that is stored, as the store names it: nothing after it is told to be sent before the next such notice. */
  | { readonly kind: 'reach'; readonly ownTip: Uint8Array }
  /** We are the sole voter, and others are here: should the page be closed, it speaks for us. What is stored follows. */
  | { readonly kind: 'standBy'; readonly key: IdentityKey; readonly genesis: Uint8Array }
  /** Sealed events, each after its parents. */
  | { readonly kind: 'follow'; readonly events: readonly Uint8Array[] }
  /** All that was stored before has been told. */
  | { readonly kind: 'followed' }
  /** It does not speak for us any more. */
  | { readonly kind: 'dismiss' }
  /** What was said last is in the store by now. */
  | { readonly kind: 'clearLastWords'; readonly name: string }

/** The host's methods that answer, and those that do not. */
export type HostQuestion = {
  [Name in keyof SectionHost]: ReturnType<SectionHost[Name]> extends Promise<unknown> ? Name : never
}[keyof SectionHost]
export type HostCommand = Exclude<keyof SectionHost, HostQuestion | 'submit'>

// Types, not interfaces: only these count as records.
export type AskedOfWorker = {
  readonly open: { readonly argument: WorkerOptions; readonly answer: null }
  readonly call: {
    readonly argument: { readonly method: HostQuestion; readonly parameters: readonly unknown[] }
    readonly answer: unknown
  }
  readonly sign: { readonly argument: Uint8Array; readonly answer: Uint8Array }
  readonly verify: {
    readonly argument: { readonly peer: PeerId; readonly signature: Uint8Array; readonly message: Uint8Array }
    readonly answer: boolean
  }
}

export type AskedOfPage = {
  readonly closeTransport: { readonly argument: null; readonly answer: null }
  readonly admits: { readonly argument: PeerId; readonly answer: boolean }
  readonly mayVote: { readonly argument: PeerId; readonly answer: boolean }
  /** The page's synchronous storage, which workers have not. */
  readonly lastWords: { readonly argument: string; readonly answer: string | null }
}

/** Said by the worker once it can hear. */
export const READY = 'ready'
