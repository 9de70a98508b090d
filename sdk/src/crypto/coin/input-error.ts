/** The caller's mistake, as against a peer's fault, which is always data. */
export class CoinInputError extends Error {
  override readonly name = 'CoinInputError'
  readonly code: /** The random source gave another number of bytes than was asked for, or a zero scalar. */
    | 'badRandomness'
    /** Not the canonical bytes of a scalar other than zero. */
    | 'badSecret'
    /** Not the canonical encoding of an element other than the identity. */
    | 'badKey'
    /** Terms of an epoch outside of the limits, or not n ≥ 2f + 1 with f ≥ 1. */
    | 'badTerms'
    | 'badIndex'
    | 'badMessage'
    /** No deals, deals under other terms, or two by one dealer. */
    | 'badDeals'
    /** Fewer than f + 1 shares by different holders, or shares of different coins. */
    | 'badShares'

  constructor(code: CoinInputError['code'], detail: string) {
    super(detail)
    this.code = code
  }
}
