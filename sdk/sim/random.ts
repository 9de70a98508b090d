/**
 * Seeded randomness of the simulator. A stream is named by its path of labels from the seed, and never by how much
 * was drawn from another one: taking a fault out of a scenario leaves the draws of everything else alone.
 */
import { createHash } from 'node:crypto'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'

export interface Random {
  /** In [0, 1). */
  float(): number
  /** Both ends included. */
  int(from: number, to: number): number
  chance(probability: number): boolean
  /** Asserts that there is one to pick. */
  pick<T>(items: readonly T[]): T
  shuffled<T>(items: readonly T[]): T[]
  /** The stream with this label below this one; the same whenever it is asked for. */
  stream(label: string | number): Random
}

export function createRandom(seed: number): Random {
  return streamAt(`seed:${seed}`)
}

function streamAt(path: string): Random {
  const digest = createHash('sha256').update(path).digest()
  const generator = xoroshiro128plusFromState([
    digest.readInt32LE(0) | 1,
    digest.readInt32LE(4),
    digest.readInt32LE(8),
    digest.readInt32LE(12),
  ])
  const int = (from: number, to: number) => uniformInt(generator, from, to)
  const float = () => uniformFloat64(generator)
  return {
    float,
    int,
    chance: (probability) => float() < probability,
    pick: (items) => {
      if (items.length === 0) throw new Error('nothing to pick from')
      return items[int(0, items.length - 1)] as (typeof items)[number]
    },
    shuffled: (items) => {
      const result = [...items]
      for (let last = result.length - 1; last > 0; last--) {
        const other = int(0, last)
        const swap = result[last] as (typeof items)[number]
        result[last] = result[other] as (typeof items)[number]
        result[other] = swap
      }
      return result
    },
    stream: (label) => streamAt(`${path}/${label}`),
  }
}
