import { describe, expect, test } from 'vitest'
import { faultsTolerated } from '../../src/core/thresholds.ts'
import type { StallCoin } from './coins.ts'
import { stallOf, summaryOf } from './run.ts'

const limit = { timeout: 60_000 }
const sizes = [4, 7, 10]
const seeds = Array.from({ length: 6 }, (_, index) => index + 1)
const stalled = (coin: StallCoin, peers: number, traitors: number, rounds: number, seed: number) =>
  stallOf({ coin, peers, traitors, rounds }, seed)

describe('a scheduler that reads everything', () => {
  test.each(sizes)(
    'keeps an election of %i open for as long as it likes under a coin that it can compute',
    limit,
    (n) => {
      expect(stalled('parity', n, 0, 12, 1)).toMatchObject({ rounds: 12, isOpen: true, forks: 0 })
      expect(stalled('hash', n, 0, 12, 1)).toMatchObject({ rounds: 12, isOpen: true, forks: 0 })
    },
  )

  test.each(sizes)('with f of %i that fork before the flip: under the section’s own coin all ends', limit, (n) => {
    const plan = { coin: 'threshold', peers: n, traitors: faultsTolerated(n), rounds: 60, seeds: seeds.length } as const
    const summary = summaryOf(
      plan,
      seeds.map((seed) => stallOf(plan, seed)),
    )
    expect(summary.ended).toBe(seeds.length)
    expect(summary.forks).toBeGreaterThan(0)
    expect(summary.meanRounds).toBeLessThan(summary.expectedAtMost)
  })
})

test('the theory is the mean of the longest of so many fair tosses', () => {
  const expected = (peers: number) =>
    summaryOf({ coin: 'ideal', peers, traitors: 0, rounds: 1, seeds: 1 }, [stalled('ideal', peers, 0, 60, 1)])
  expect(expected(4).expectedRounds).toBeCloseTo(2)
  expect(expected(7).expectedRounds).toBeCloseTo(8 / 3)
  expect(expected(16).expectedAtMost).toBe(6)
})
