/** A voter's side of the coin, which can also cheat in every way that the protocol has an answer to. */
import type { CoinCrypto, CoinTerms, Dealt, KeySource, Later, Toss } from '../../src/core/coin/port.ts'
import type { PeerId } from '../../src/core/gossip/event.ts'

/** The port, with every answer at once. */
export type PromptCoin = {
  readonly [Name in keyof CoinCrypto]: (
    ...asked: Parameters<CoinCrypto[Name]>
  ) => Exclude<ReturnType<CoinCrypto[Name]>, Later>
}

export interface CoinParty {
  readonly peer: PeerId
  readonly coin: PromptCoin
  /** A deal in which everything public is in order, with a bad share for each of these holders. */
  cheatingDeal(terms: CoinTerms, victims: readonly PeerId[]): Uint8Array
  /** A well-formed complaint about the own share of a deal, a false one if that share is good. */
  complain(terms: CoinTerms, dealt: Dealt): Uint8Array
  /** What looks like the own share of a toss and is not. */
  badShare(source: KeySource, toss: Toss): Uint8Array
}
