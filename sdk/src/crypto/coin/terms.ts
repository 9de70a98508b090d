/** What all deals of one epoch have in common. */

import { hexToBytes } from '@noble/hashes/utils.js'
import { hash32, uint32 } from './hashing.ts'
import { CoinInputError } from './input-error.ts'
import type { CoinPublicKey } from './key.ts'
import { coinLimits } from './limits.ts'

/** Everything made under these terms is bound to all of them and worth nothing under others. */
export interface DealTerms {
  /** f: this many holders learn nothing, one more makes the coin. */
  readonly threshold: number
  /** The coin keys of the holders; a holder's index is its place here, from 0. Keys may repeat. */
  readonly receivers: readonly CoinPublicKey[]
  /** Of the context, the threshold and the receivers. */
  readonly hash: Uint8Array
}

const keyPattern = /^[0-9a-f]{64}$/

/**
 * `context` names the section and the epoch, at most 1024 bytes. Throws `CoinInputError` unless 1 ≤ f ≤ 21,
 * 2f + 1 ≤ n ≤ 64; the keys must have been accepted by `checkCoinKey`. f counts all that may be faulty, also among voters
 * that are no holders: of 2f + 1 holders, f + 1 are correct and make the coin, and f learn nothing.
 */
export function createDealTerms(options: {
  readonly context: Uint8Array
  readonly threshold: number
  readonly receivers: readonly CoinPublicKey[]
}): DealTerms {
  const { context, threshold, receivers } = options
  if (context.length > coinLimits.contextBytes) throw badTerms(`${context.length} bytes of context`)
  if (!Number.isInteger(threshold) || threshold < 1 || threshold > coinLimits.threshold) {
    throw badTerms(`threshold ${threshold}`)
  }
  if (receivers.length < 2 * threshold + 1 || receivers.length > coinLimits.receivers) {
    throw badTerms(`${receivers.length} receivers with a threshold of ${threshold}`)
  }
  const keys = receivers.map((key) => {
    if (!keyPattern.test(key)) throw badTerms('a key that is not 64 lower-case hexadecimal digits')
    return hexToBytes(key)
  })
  return {
    threshold,
    receivers: [...receivers],
    hash: hash32('terms', context, uint32(threshold), ...keys),
  }
}

/** The point at which the polynomial gives this holder's share: never 0, where the secret is. */
export function pointOf(index: number): number {
  return index + 1
}

export function requireIndex(terms: DealTerms, index: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= terms.receivers.length) {
    throw new CoinInputError('badIndex', `index ${index} among ${terms.receivers.length} holders`)
  }
}

function badTerms(detail: string): CoinInputError {
  return new CoinInputError('badTerms', detail)
}
