import { describe, expect, test } from 'vitest'
import { countOf, createTally, quantile, sumOf } from './histogram.ts'

const tallyOf = (values: readonly number[]) => {
  const tally = createTally()
  for (const value of values) tally.add(value)
  return tally.histogram()
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

describe('a histogram of durations', () => {
  test('tells each quantile to within one percent', () => {
    const histogram = tallyOf(upTo(1000))
    for (const share of [0.01, 0.5, 0.9, 0.99, 1]) {
      expect(Math.abs(quantile(histogram, share) / (1000 * share) - 1)).toBeLessThan(0.01)
    }
  })

  test('of two tabs is that of all their durations', () => {
    const [low, high] = [upTo(1000).slice(0, 300), upTo(1000).slice(300)]
    const both = sumOf([tallyOf(low), tallyOf(high)])
    expect(countOf(both)).toBe(1000)
    expect(quantile(both, 0.5)).toBe(quantile(tallyOf(upTo(1000)), 0.5))
  })

  test('takes what clocks make negative for next to nothing', () => {
    expect(quantile(tallyOf([-3, -1, 0]), 0.5)).toBeLessThan(0.02)
  })

  test('of nothing has no quantile', () => {
    expect(quantile([], 0.5)).toBeNaN()
  })
})
