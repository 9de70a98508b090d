import { describe, expect, test } from 'vitest'
import { stallOf } from './run.ts'

const limit = { timeout: 60_000 }
const seeds = Array.from({ length: 30 }, (_, index) => index + 1)

describe('a scheduler that reads everything, with four correct voters', () => {
  test('keeps an election open for as long as it likes under a coin that it can compute', limit, () => {
    expect(stallOf('parity', 1, 60)).toMatchObject({ rounds: 60, isOpen: true })
    expect(stallOf('hash', 1, 60)).toMatchObject({ rounds: 60, isOpen: true })
  })

  test('does not under the section’s own coin: every election ends, after two rounds or so', limit, () => {
    const rounds = seeds
      .map((seed) => stallOf('threshold', seed, 60))
      .map(({ rounds: count, isOpen }) => {
        expect(isOpen).toBe(false)
        return count
      })
    expect(rounds.reduce((sum, count) => sum + count, 0) / seeds.length).toBeLessThan(3)
  })
})
