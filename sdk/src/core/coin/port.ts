/**
 * The coin's cryptography as the core sees it: plain questions, lent to the core so that it knows neither curves nor
 * secrets. Imports core types only.
 *
 * Every answer is a function of the question (and of the own secret), the same after a restart and, where no secret is
 * involved, at every peer: consensus reads the answers. None throws on what a peer sent. An implementation remembers
 * what it has computed, so that work done in idle moments is not done again inside a step.
 */
import type { Hash, PeerId } from '../gossip/event.ts'

/** 32 bytes in lower-case hexadecimal. */
export type CoinPublicKey = string

/** Under what an epoch's key is made, read from the blocks. */
export interface CoinTerms {
  readonly sectionId: Hash
  /** Height of the block after which the epoch began: its name. */
  readonly epoch: number
  /** f of the voters of that height: so many holders learn nothing, one more makes the coin. At least 1. */
  readonly threshold: number
  /** Voters with a registered key, ascending by `peer`; at least 2 · threshold + 1. */
  readonly holders: readonly { readonly peer: PeerId; readonly key: CoinPublicKey }[]
}

export interface Dealt {
  readonly dealer: PeerId
  readonly deal: Uint8Array
}

/** What a key is made from: all that is public of it. */
export interface KeySource {
  readonly terms: CoinTerms
  /** The deals that count, in block order. */
  readonly deals: readonly Dealt[]
}

/** What a coin is tossed for: a round of an election, or a block. */
export type Toss =
  | { readonly kind: 'flip'; readonly election: number; readonly round: number }
  | { readonly kind: 'block'; readonly height: number }

export interface HeldShare {
  readonly holder: PeerId
  readonly share: Uint8Array
}

/** Not computed yet: the answer is asked for again with the next input. Only for what no consensus reads. */
export type Later = 'later'

export interface CoinCrypto {
  /** The own key, and the proof that whoever signs as `self` knows its secret. */
  registration(): { readonly key: CoinPublicKey; readonly proof: Uint8Array }
  isRegistration(peer: PeerId, key: CoinPublicKey, proof: Uint8Array): boolean
  /** The own deal; self is a holder. */
  deal(terms: CoinTerms): Uint8Array | Later
  /** Whether everything in it that can be checked in public is in order. The dealer is a holder. */
  isDeal(terms: CoinTerms, dealt: Dealt): boolean
  /** A complaint about the own share of a deal that `isDeal` accepts; null if the share is the committed one. */
  complaint(terms: CoinTerms, dealt: Dealt): Uint8Array | null | Later
  /**
   * `dealer`: the dealer cheated. `complainer`: the complaint is false, or not one about this deal by this holder. The
   * deal is one that `isDeal` accepts.
   */
  culprit(terms: CoinTerms, dealt: Dealt, complainer: PeerId, complaint: Uint8Array): 'dealer' | 'complainer'
  /**
   * The own share of a toss; null if the own coin key is not the one that is registered (its secret was lost), or if a deal
   * that counts has cheated self of its share.
   */
  share(source: KeySource, toss: Toss): Uint8Array | null | Later
  /** Which of these shares are valid. Holders only. */
  areShares(source: KeySource, toss: Toss, shares: readonly HeldShare[]): readonly boolean[]
  /** From threshold + 1 valid shares by different holders, whichever: 32 bytes in hexadecimal, unpredictable before. */
  combine(source: KeySource, toss: Toss, shares: readonly HeldShare[]): Hash
  /** A subject's bit of a flip. */
  bit(coin: Hash, subject: PeerId): boolean
}
