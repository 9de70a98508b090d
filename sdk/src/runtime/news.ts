/**
 * What passes between a section, as its application sees it, and the host that runs it, in the same thread or in a
 * worker. All of it can be cloned from one thread to another.
 */
import type { Hash, PeerId } from '../core/gossip/event.ts'
import type { Malice } from '../core/malice/malice.ts'
import { ParsecError, type ParsecErrorCode } from './errors.ts'
import type { ToldBlock } from './final-block.ts'
import type { Inspection } from './inspection/feed.ts'
import type { Certificate, Diagnostics, InvitationTerms, RandomValue, SectionStatus } from './types.ts'

/** The part of the diagnostics that the host knows. */
export type HostFigures = Omit<Diagnostics, 'transport' | 'thread' | 'findings'>

/** A `ParsecError` without its prototype. */
export interface ToldError {
  readonly code: ParsecErrorCode
  readonly message: string
  readonly reason: string | null
}

/** In the order in which it happened; the status is told before whatever made it change. */
export type News =
  /** `id` is empty while there is no section to speak of. */
  | { readonly kind: 'status'; readonly id: Hash; readonly status: SectionStatus }
  | { readonly kind: 'figures'; readonly figures: HostFigures }
  | { readonly kind: 'blocks'; readonly blocks: readonly ToldBlock[] }
  /** Our section yielded to another: the blocks so far are void, and the next one is number 1. */
  | { readonly kind: 'yielded' }
  /** By our own choice we left for a section that goes on where ours ended: no block follows, and block 1 is next. */
  | { readonly kind: 'moved'; readonly from: Hash; readonly to: Hash; readonly height: number }
  /** The host started anew from what is stored and what its page said meanwhile: all blocks are told again, from 1. */
  | { readonly kind: 'resumed' }
  | { readonly kind: 'joined' }
  /** Membership is out of reach. */
  | { readonly kind: 'notJoined'; readonly error: ToldError }
  /** No further block comes, and what is not final will not become so here. */
  | { readonly kind: 'ended'; readonly error: ToldError }
  | { readonly kind: 'rejection'; readonly reason: string; readonly peer: PeerId | null }
  | { readonly kind: 'malice'; readonly malice: Malice }
  | { readonly kind: 'conflict' | 'successor'; readonly sectionId: Hash }
  | { readonly kind: 'alarm'; readonly reason: string }
  /** Only while it is asked for. */
  | { readonly kind: 'inspection'; readonly inspection: Inspection }

/** As `submit` takes it. */
export interface Submitted {
  readonly id: string
  readonly bytes: Uint8Array
  readonly draw: boolean
}

/** Runs a section. What it promises is rejected with `ParsecError`. */
export interface SectionHost {
  /** In this order. */
  submit(submissions: readonly Submitted[]): void
  /**
   * Blocks of this section that were told, from this height on: at least one, at most up to the other height. Rejects
   * with `superseded` when we are in another section, and with `closed` and `storage`.
   */
  readBlocks(sectionId: Hash, from: number, to: number): Promise<readonly ToldBlock[]>
  randomness(height: number): Promise<RandomValue>
  certificate(height: number): Promise<Certificate>
  exportHistory(): Promise<Uint8Array>
  exportEvents(): Promise<Uint8Array>
  /** Whether the graph's news are to be told; asked again, all that there is. */
  inspect(on: boolean): void
  /** Founds a section that goes on where ours ends. */
  reform(): Promise<void>
  /** Moves into such a section, which somebody else founded. */
  follow(sectionId: Hash): Promise<void>
  /** The page is being closed or frozen: our vote is handed over before this returns. */
  standDown(how: 'closed' | 'frozen'): void
  /** The page stood still, or stood down, and runs again. */
  wake(): void
  /**
   * Somebody else spoke with our key, and left last words: starts anew from the store and from them. `open`: what was
   * submitted and was not told to be final.
   */
  resume(open: readonly Submitted[]): void
  invitation(terms: InvitationTerms): Promise<string>
  leave(): Promise<void>
  close(): Promise<void>
}

export function toldError({ code, message, reason }: ParsecError): ToldError {
  return { code, message, reason }
}

export function errorOf({ code, message, reason }: ToldError): ParsecError {
  return new ParsecError(code, message, { reason })
}
