import { expect, test } from 'vitest'
import { createBucket, isFull, take } from './token-bucket.ts'

test('allows the burst at once and the rate for ever', () => {
  const bucket = createBucket(3, 0)
  expect([1, 2, 3, 4].map(() => take(bucket, 2, 3, 0))).toEqual([true, true, true, false])
  expect(take(bucket, 2, 3, 499)).toBe(false)
  expect(take(bucket, 2, 3, 500)).toBe(true)
  expect(take(bucket, 2, 3, 500)).toBe(false)
})

test('never holds more than the burst', () => {
  const bucket = createBucket(2, 0)
  expect([1, 2, 3].map(() => take(bucket, 10, 2, 1_000_000))).toEqual([true, true, false])
})

test('a clock that steps back neither refills nor blocks', () => {
  const bucket = createBucket(1, 10_000)
  expect(take(bucket, 1, 1, 10_000)).toBe(true)
  expect(take(bucket, 1, 1, 5_000)).toBe(false)
  expect(take(bucket, 1, 1, 6_000)).toBe(true)
})

test('is full, and may be forgotten, only when nothing was taken for long enough', () => {
  const bucket = createBucket(2, 0)
  take(bucket, 1, 2, 0)
  expect(isFull(bucket, 1, 2, 999)).toBe(false)
  expect(isFull(bucket, 1, 2, 1_000)).toBe(true)
})
