/** Seeded times between events that come independently of each other. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Exponentially distributed, with this mean. */
export function exponential(seed: number, mean: number): () => number {
  const random = xoroshiro128plus(seed)
  return () => -Math.log(1 - uniformFloat64(random)) * mean
}
