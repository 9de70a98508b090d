/**
 * A section's threshold coin over ristretto255, as functions of bytes: docs/coin.md. May import the core's types, @noble
 * packages and micro-packed, nothing else. Pure: no I/O, no clock, and randomness only from the caller.
 *
 * Whatever a peer sent is answered with data; `CoinInputError` is thrown for the caller's own mistakes only.
 */
export {
  type CoinShare,
  type CoinShareFault,
  type CoinSharesCheck,
  coinBit,
  coinShare,
  combineShares,
  combineSharesSteps,
  type ValidCoinShare,
  verifyCoinShare,
  verifyCoinShares,
  verifyCoinSharesSteps,
} from './coin.ts'
export { type CoinCryptoOptions, createCoinCrypto, type InSteps, type SteppedCoinCrypto } from './coin-crypto.ts'
export { createComplaint, judgeComplaint, type Verdict } from './complaint.ts'
export {
  type CheckedDeal,
  checkDeal,
  createDeal,
  createDealSteps,
  type DealCheck,
  type DealOptions,
  type OpenedShare,
  openShare,
} from './deal.ts'
export { type EpochKey, type EpochShare, epochKey, epochKeySteps, epochShareFrom, sumShares } from './epoch-key.ts'
export type { Random } from './group.ts'
export { CoinInputError } from './input-error.ts'
export { type CoinKey, type CoinPublicKey, checkCoinKey, coinKeyFrom, createCoinKey, proveCoinKey } from './key.ts'
export { coinKeyProofBytes, coinLimits, coinShareBytes, complaintBytes, dealBytes, dealBytesMax } from './limits.ts'
export { runInSlices, runSteps, type Slicing, type Steps } from './steps.ts'
export { createDealTerms, type DealTerms } from './terms.ts'
