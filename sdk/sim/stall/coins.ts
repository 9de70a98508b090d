/** The coins that the scheduler is let loose on, and what it can read of each. */
import { hashCoin, parityCoin } from '../../src/core/meta-voting/coin.ts'
import type { Coin } from '../../src/core/options.ts'
import { createFastHashing } from '../hashing.ts'
import { createRandom } from '../random.ts'

/**
 * `parity` and `hash` can be computed in advance by anybody; `ideal` is tossed when the first voter lets go of its share;
 * `threshold` is the section's own, its keys modelled.
 */
export const stallCoins = ['parity', 'hash', 'ideal', 'threshold'] as const
export type StallCoin = (typeof stallCoins)[number]

export interface ReadCoin {
  /** Null: the section makes its own. */
  readonly coin: Coin | null
  /** Whether the scheduler can compute it before it is tossed. */
  readonly isPredictable: boolean
}

export function coinFor(kind: StallCoin, seed: number): ReadCoin {
  switch (kind) {
    case 'parity':
      return { coin: parityCoin, isPredictable: true }
    case 'hash':
      return { coin: hashCoin(createFastHashing()), isPredictable: true }
    case 'ideal':
      return { coin: idealCoin(seed), isPredictable: false }
    case 'threshold':
      return { coin: null, isPredictable: false }
  }
}

/** Bits that nobody knows in advance. */
function idealCoin(seed: number): Coin {
  const random = createRandom(seed).stream('ideal coin')
  return (election, round, subject) => random.stream(`${election} ${round} ${subject}`).chance(0.5)
}
