/** The public shapes of a section. */
import type { Hash, PeerId } from '../core/gossip/event.ts'
import type { Malice } from '../core/malice/malice.ts'
import type { PreviousSection } from '../core/section/block.ts'
import type { TransportDiagnostics } from '../transport/port.ts'
import type { BlockHeader } from '../wire/index.ts'
import type { Inspection } from './inspection/feed.ts'

export interface JoinOptions {
  /** The topic under which peers find each other at the signaling servers and in this browser; 1 to 512 bytes of UTF-8. */
  readonly room: string
  /**
   * `ws:` or `wss:` addresses of y-webrtc signaling servers; all are used at once. Tabs of one browser and one origin meet
   * without any, and members introduce each other. `[]`, in browsers: nobody but those tabs can be met.
   */
  readonly signaling: readonly string[]
  /** Encrypts what signaling servers and other pages of this origin see, as y-webrtc does. Everybody in the room needs the same. */
  readonly password?: string
  /** From `section.invitation()`: joins exactly that section or fails, and is shown to the members. */
  readonly invitation?: string
  /**
   * STUN and TURN servers; a function is asked for every connection. Default: what the signaling servers hand out at
   * `GET /ice`, with the query of their address, renewed before it expires. A server that hands out nothing is no
   * error: peers then meet within one network. `[]` asks nobody.
   */
  readonly iceServers?: readonly RTCIceServer[] | (() => readonly RTCIceServer[] | Promise<readonly RTCIceServer[]>)
  /** `memory` keeps nothing: the tab is a new peer after every reload. Default `indexeddb`, where there is one. */
  readonly storage?: 'indexeddb' | 'memory'
  /** For a section that this call founds: the most voters it will have, a number 3f+1 from 1 to 64. Default 13. */
  readonly maxVoters?: number
  /** Who may become a member. Each voter decides for itself, so that all tabs need the same. Default `open`. */
  readonly admission?: Admission
  /**
   * Whether a member may become a voter; asked once for each, in every tab that votes. Tabs whose answers differ for
   * good may never agree on the voters. Default: every member may.
   */
  readonly mayVote?: (peer: PeerId) => boolean | Promise<boolean>
  /**
   * Milliseconds after which a member that stays away is removed, by a supermajority of voters that all missed it so long; a
   * voter that is away is first replaced or demoted. It can ask to be let in again. Default: never.
   */
  readonly forgetAfterMs?: number
  /**
   * Runs core, cryptography and storage in a dedicated worker, so that the page does not wait for them; WebRTC and the
   * functions given here stay on the page. `true` starts the worker that comes with this library, which bundlers find by
   * themselves; a function starts one that loads `parsec-web/worker`. Where none can be started the section runs on the
   * page, and `diagnostics().thread` says why. Default false.
   */
  readonly worker?: boolean | (() => Worker)
  /** Gives up joining. */
  readonly signal?: AbortSignal
}

/**
 * `invitation`: whoever shows an invitation of a member's that has not expired and is not used up. A function is asked
 * for every peer that asks, and may take its time: the peer waits. What is said in the section is sent only to those
 * who were let in.
 */
export type Admission =
  | 'open'
  | 'invitation'
  | { readonly allowList: readonly PeerId[] }
  | ((peer: PeerId) => boolean | Promise<boolean>)

/** Why a member does not let a peer in. */
export type AdmissionRefusal =
  /** Its key is not one that a member may have. */
  | 'inadmissibleKey'
  /** An invitation is needed, and it showed none. */
  | 'notInvited'
  /** What it showed is no invitation, or forged, or for another section. */
  | 'badInvitation'
  | 'invitationExpired'
  | 'invitationUsedUp'
  /** Whoever signed the invitation is not, or no longer, a member. */
  | 'inviterNotMember'
  | 'notOnTheList'
  /** The application's function said no, or failed. */
  | 'declined'

export interface InvitationTerms {
  /** How many may become members under it; 1 to 65,535. Default 1. The blocks count. */
  readonly uses?: number
  /** Default one day. By the clock of each member that is asked. */
  readonly validForMs?: number
}

export interface Member {
  readonly peer: PeerId
  readonly voter: boolean
  /** In reach, over a connection with us or over others, however many, and awake. */
  readonly online: boolean
  /** Its page said that it was being frozen, and has given no sign of life since. */
  readonly asleep: boolean
}

export interface SectionStatus {
  /** `stalled`: nothing can become final now, `reason` says why; `stopped`: never again, by an alarm. */
  readonly state: 'joining' | 'ready' | 'stalled' | 'left' | 'stopped'
  /** Height of the last final block; 0 before the first. */
  readonly height: number
  /** Blocks up to this height have a certificate. */
  readonly certifiedHeight: number
  /** Number of voters, how many of them have to take part, and how many are reachable, ourselves included. */
  readonly voters: number
  readonly needed: number
  readonly reachable: number
  /** How many of the voters that are not reachable said that they fall asleep: they may wake at any time. */
  readonly asleep: number
  readonly members: readonly Member[]
  readonly role: 'outside' | 'member' | 'voter' | 'removed'
  /** `none`: up to three voters need no coin; `forming`: predictable for now; `active`: the voters' own threshold coin. */
  readonly coin: 'none' | 'forming' | 'active'
  /** Own transactions that are not final yet. */
  readonly pending: number
  /** `memory`: this tab keeps nothing, and is a new peer after a reload; `storageReason` says why. */
  readonly storage: 'durable' | 'memory'
  /** Why nothing is kept, in words for users; null where everything is. `diagnostics().storage` has the code. */
  readonly storageReason: string | null
  /** Where the section ended that this one re-forms; null if it re-forms none. */
  readonly previousSection: PreviousSection | null
  /** Sections that go on where ours ended, as far as we met them. */
  readonly successors: readonly Hash[]
  /** Why nothing becomes final, in words for users; null when nothing stands in the way. */
  readonly reason: string | null
}

export interface FinalTransaction {
  /** Unique in the section; the `id` of its author's receipt. */
  readonly id: string
  readonly creator: PeerId
  /** As submitted; undefined if its author sent bytes that are no value. */
  readonly value: unknown
}

export type Change =
  | { readonly kind: 'add' | 'remove' | 'expel'; readonly peer: PeerId }
  | { readonly kind: 'voters'; readonly promote: readonly PeerId[]; readonly demote: readonly PeerId[] }

export interface FinalBlock {
  /** From 1. */
  readonly height: number
  readonly hash: Hash
  readonly previous: Hash
  /** Agreed time in milliseconds since 1970, strictly growing. */
  readonly timeMs: number
  /** In the agreed order. */
  readonly transactions: readonly FinalTransaction[]
  readonly changes: readonly Change[]
  /** The voters that decided this block. */
  readonly voters: readonly PeerId[]
  /** The members after it. */
  readonly members: readonly PeerId[]
}

export interface Finality {
  readonly height: number
  /** Place among the block's transactions. */
  readonly index: number
  /** From `submit` until this tab knew, in milliseconds. */
  readonly latencyMs: number
}

export interface Receipt {
  readonly id: string
  /** Rejects with `ParsecError` `notAMember`, `closed` or `stopped` when this tab will not see it become final. */
  readonly final: Promise<Finality>
}

export interface SubmitOptions {
  /** The block that orders the value gets a random value: see `Section.randomness`. */
  readonly draw?: boolean
}

/** A random value of a block, the same in all tabs. */
export interface RandomValue {
  /** 32 bytes in hexadecimal. */
  readonly value: string
  /**
   * Whether the section's threshold coin made it, so that nobody could know or choose it while fewer than a third of the
   * voters misbehave. False in a section of up to three voters: a hash of the block, which whoever completes it can aim at.
   */
  readonly isFair: boolean
}

/** Proof that a block is final, checkable offline by whoever knows the block's voters. */
export interface Certificate {
  readonly height: number
  readonly blockHash: Hash
  /** Headers from this block up to the highest one attested. */
  readonly headers: readonly BlockHeader[]
  /** Signed event headers of more than 2/3 of the block's voters, each attesting this block or one above it. */
  readonly attestations: readonly { readonly header: Uint8Array; readonly signature: Uint8Array }[]
}

export interface StorageDiagnostics {
  /** False: this tab is a new peer after a reload; `reason` says why. */
  readonly persistent: boolean
  /**
   * Why nothing is kept: `chosen` (`storage: 'memory'`), `denied` (no storage, or the user's settings or a private window
   * keep us from it), `noLocks` (no Web Locks, as outside of secure contexts), `quota`, `blocked` (another tab holds an
   * older format open), `newerFormat` (a newer version of this library has been here), `failed`; null while all is kept.
   */
  readonly reason: string | null
  /**
   * How the identity's secrets lie on the disk: `wrapped` under a key that the browser lets nobody read, `plain` where it
   * cannot store such keys; null where nothing is kept.
   */
  readonly keys: string | null
}

export interface CoinDiagnostics {
  /** Height of the block after which the key in use began to be made; null: the coin is predictable, or not needed. */
  readonly epoch: number | null
  /** Coins that agreement needed, since this tab started. In good weather none. */
  readonly flips: number
}

export type FindingFacts =
  /** `all`: none of our servers answers. */
  | { readonly code: 'signalingUnreachable'; readonly urls: readonly string[]; readonly all: boolean }
  /** `ours`: we have met nobody, so that it is probably our password that is wrong. */
  | { readonly code: 'wrongPassword'; readonly urls: readonly string[]; readonly ours: boolean }
  /** Both sides took part and found no path; what addresses they had to try (RFC 8445, section 4). */
  | {
      readonly code: 'turnNeeded' | 'turnFailing'
      readonly peer: PeerId
      readonly local: readonly string[]
      readonly remote: readonly string[]
    }
  /** Null: not told. */
  | {
      readonly code: 'versionMismatch'
      readonly peer: PeerId
      readonly ours: number | null
      readonly theirs: number | null
    }
  /** By how many milliseconds its clock is ahead of the clocks of the others. */
  | { readonly code: 'clockOff'; readonly peer: PeerId; readonly offsetMs: number }
  | { readonly code: 'ownClockOff'; readonly offsetMs: number }
  /** How often it broke which rule. */
  | { readonly code: 'eventsOff'; readonly peer: PeerId; readonly reasons: Readonly<Record<string, number>> }

/**
 * Something that is wrong with the network or with a peer, as far as can be told from here. `text` says it to users, in
 * English. `docs/networking.md` says what to do about each.
 */
export type Finding = FindingFacts & { readonly text: string }

export interface Diagnostics {
  /** What is wrong, most general first; empty when nothing is. */
  readonly findings: readonly Finding[]
  readonly transport: TransportDiagnostics
  readonly coin: CoinDiagnostics
  /** How often what peers sent was refused, by reason: frames, messages, signatures, events. */
  readonly refused: Readonly<Record<string, number>>
  /** Proven misbehaviour, oldest first. */
  readonly malice: readonly Malice[]
  /** Events here, and events that wait for a parent. */
  readonly events: number
  readonly waiting: number
  readonly storage: StorageDiagnostics
  /** Where the section runs; `reason` says why on the page although a worker was asked for. */
  readonly thread: { readonly worker: boolean; readonly reason: string | null }
  /** Ids of other sections with a history that were met in this room. */
  readonly conflicts: readonly Hash[]
}

export interface SectionEvents {
  /** Every final block, in order, from 1, for each listener, however late it comes. */
  block: (block: FinalBlock) => void
  status: (status: SectionStatus) => void
  members: (members: readonly Member[]) => void
  /** Something a peer sent was refused. */
  rejection: (rejection: { readonly reason: string; readonly peer: PeerId | null }) => void
  malice: (malice: Malice) => void
  /** Another section with a history is in this room. It is never merged silently. */
  conflict: (sectionId: Hash) => void
  /**
   * A section was met that a member of ours founded to go on where ours ended: `follow` leads there. Ours may never
   * become final again.
   */
  successor: (sectionId: Hash) => void
  /**
   * `reform` or `follow` brought us into another section: its blocks start from 1, iterations of `blocks` have ended, and
   * what was not final is rejected with `superseded`. Of the former one, blocks up to `height` count.
   */
  moved: (move: { readonly from: Hash; readonly to: Hash; readonly height: number }) => void
  /** The section stopped for good: two histories were certified, an invariant broke, or storage failed. */
  alarm: (reason: string) => void
}

export interface Section {
  /** Our public key. */
  readonly me: PeerId
  readonly id: Hash
  readonly status: SectionStatus
  /** Returns the function that ends the subscription. */
  on<Name extends keyof SectionEvents>(name: Name, listener: SectionEvents[Name]): () => void
  /**
   * Submits a plain structured value, at most 1 MiB encoded. What is submitted faster than it becomes final waits, up to
   * 65,536 values and 64 MiB of them; more is refused. Throws `ParsecError` `badValue`, `tooManyPending`, `closed`, `stopped`,
   * `notAMember`.
   */
  submit(value: unknown, options?: SubmitOptions): Receipt
  /**
   * Every final block from a height on, those to come included; ends when the section is left or closed. Older blocks are
   * read back from storage. Rejects where that fails, with `storage`, `stopped`, or, for who is that far behind when we move to
   * another section, `superseded`.
   */
  blocks(from?: number): AsyncIterableIterator<FinalBlock>
  /**
   * A final block, if it is in memory: block 1 and the newest are, up to 4,096 and about 16 MiB of them, always at least one.
   * `readBlock` has the others.
   */
  block(height: number): FinalBlock | undefined
  /**
   * A block of any height, from memory or storage; resolves once it is final. Rejects with `badOptions`, `closed`,
   * `stopped`, `storage`, `superseded`, `notAMember`.
   */
  readBlock(height: number): Promise<FinalBlock>
  /**
   * The random value of a block; asks the voters to draw it, unless somebody has. Resolves once enough of them have let go
   * of their shares, and waits for the block itself, and for the section's first key, as long as that takes. What is at
   * stake has to be final in that block or before: until then nobody knows the value, afterwards everybody may. Whoever
   * can do without the value may still refuse to ask, or to pay. More than a third of the voters together can know it early.
   * Rejects with `badOptions`, `notAMember`, `closed`, `stopped`.
   */
  randomness(height: number): Promise<RandomValue>
  /** Resolves once the block is certified. Rejects with `closed`. */
  certificate(height: number): Promise<Certificate>
  /**
   * A file with the genesis and every certified block, which proves itself: `verifyHistory` of `parsec-web/verify`, or
   * `npx parsec-web verify FILE`. Holds every transaction. Rejects with `notAMember`, `tooLarge`, `closed`.
   */
  exportHistory(): Promise<Uint8Array>
  /**
   * Every gossip event that comes, with what it is in the elections, in batches of 50 ms and of at most 2,000 events; first
   * the last ones that are here. For looking, not for deciding. Costs nothing while nobody listens. Returns the function
   * that ends it.
   */
  inspect(listener: (inspection: Inspection) => void): () => void
  /**
   * A file with every gossip event here, for `npx parsec-web graph FILE`. Rejects with `notAMember`, `closed`.
   */
  exportEvents(): Promise<Uint8Array>
  /**
   * Text that leads others to exactly this section, and lets them in where invitations are asked for: it is signed by
   * us, and void once we are no member any more. Rejects with `badOptions`, `notAMember`, `closed`, `stopped`.
   */
  invitation(terms?: InvitationTerms): Promise<string>
  /**
   * A person's decision, where the missing voters are lost for good: founds a section of our own that goes on where the
   * last certified block of this one ends, and moves into it. Other members are told by `successor`. Should the missing
   * come back, their section and this one are two. Rejects with `notStalled`, `notAMember`, `storage`, `closed`, `stopped`.
   */
  reform(): Promise<void>
  /**
   * Into a successor that was met, with the same key; resolves once we are a member there. There is no way back. Rejects
   * with `sectionNotFound`, `storage`, `closed`, `stopped`.
   */
  follow(sectionId: Hash): Promise<void>
  diagnostics(): Diagnostics
  /** Asks to be removed, waits until that is final or cannot become so, and forgets this identity. */
  leave(): Promise<void>
  /** Goes offline and keeps the identity and its history for the next time. */
  close(): Promise<void>
}
