/** The coins that the scheduler is let loose on, and what it can read of each. */
import type { Coin } from '../../src/core/options.ts'
import { createRandom } from '../random.ts'

/**
 * `parity` and `hash` can be computed in advance by anybody; `ideal` is tossed when the first voter lets go of its share;
 * `threshold` is the section's own, its keys modelled.
 */
export const stallCoins = ['parity', 'hash', 'ideal', 'threshold'] as const
export type StallCoin = (typeof stallCoins)[number]

/** Bits that nobody knows in advance. */
export function idealCoin(seed: number): Coin {
  const random = createRandom(seed).stream('ideal coin')
  return (election, round, subject) => random.stream(`${election} ${round} ${subject}`).chance(0.5)
}
