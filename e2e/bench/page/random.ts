/** Seeded times between events that come independently of each other. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** What neighbouring seeds draw first is nearly the same. */
const drawnInVain = 16

/** Exponentially distributed, with this mean. */
export function exponential(seed: number, mean: number): () => number {
  const random = xoroshiro128plus(seed)
  for (let i = 0; i < drawnInVain; i++) uniformFloat64(random)
  return () => -Math.log(1 - uniformFloat64(random)) * mean
}
