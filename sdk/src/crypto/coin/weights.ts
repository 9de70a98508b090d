/** Random weights under which several equations are checked as one. */
import { bytesToNumberLE } from '@noble/curves/utils.js'
import { hash64, uint32 } from './hashing.ts'

/**
 * 128-bit weights that depend on every input: whoever chose an input to make false equations cancel out would have had to
 * guess them, 2^-128. The first is 1, which leaves that argument as it is. `inputs` must fix all of the equations.
 */
export function batchWeights(inputs: readonly Uint8Array[], count: number): readonly bigint[] {
  const seed = hash64('batch-weights', ...inputs)
  const weights = [1n]
  for (let block = 0; weights.length < count; block++) {
    const bytes = hash64('batch-weights', seed, uint32(block))
    for (let at = 0; at < 64; at += 16) weights.push(bytesToNumberLE(bytes.subarray(at, at + 16)))
  }
  return weights.slice(0, count)
}
