/** Durations in buckets that are 1 % wide, so that tabs can be added up and a long run needs no more memory. */

/** Bucket numbers and how many durations fell into each. */
export type Histogram = readonly (readonly [bucket: number, count: number])[]

export interface Tally {
  add(ms: number): void
  histogram(): Histogram
}

const leastMs = 0.01
const width = 1.01

export function createTally(): Tally {
  const counts = new Map<number, number>()
  return {
    add(ms) {
      const bucket = Math.max(0, Math.floor(Math.log(Math.max(ms, leastMs) / leastMs) / Math.log(width)))
      counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
    },
    histogram: () => [...counts],
  }
}

export function sumOf(histograms: readonly Histogram[]): Histogram {
  const counts = new Map<number, number>()
  for (const [bucket, count] of histograms.flat()) counts.set(bucket, (counts.get(bucket) ?? 0) + count)
  return [...counts]
}

export function countOf(histogram: Histogram): number {
  return histogram.reduce((sum, [, count]) => sum + count, 0)
}

/** In milliseconds, the middle of the bucket; NaN where there is none. */
export function quantile(histogram: Histogram, share: number): number {
  let left = share * countOf(histogram)
  for (const [bucket, count] of histogram.toSorted(([a], [b]) => a - b)) {
    left -= count
    if (left <= 0) return leastMs * width ** (bucket + 0.5)
  }
  return Number.NaN
}
