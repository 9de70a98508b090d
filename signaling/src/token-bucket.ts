/** Rate limits: a bucket holds up to `burst` tokens and gains `perSecond`. Imports nothing. */

export interface TokenBucket {
  tokens: number
  refilledMs: number
}

export const createBucket = (burst: number, nowMs: number): TokenBucket => ({ tokens: burst, refilledMs: nowMs })

/** True if the bucket held a token, which is taken. A clock that steps back refills nothing. */
export const take = (bucket: TokenBucket, perSecond: number, burst: number, nowMs: number): boolean => {
  const elapsedMs = nowMs - bucket.refilledMs
  if (elapsedMs > 0) bucket.tokens = Math.min(burst, bucket.tokens + (elapsedMs * perSecond) / 1_000)
  bucket.refilledMs = nowMs
  if (bucket.tokens < 1) return false
  bucket.tokens -= 1
  return true
}

/** True if nothing is lost by forgetting the bucket. */
export const isFull = (bucket: TokenBucket, perSecond: number, burst: number, nowMs: number): boolean =>
  bucket.tokens + (Math.max(0, nowMs - bucket.refilledMs) * perSecond) / 1_000 >= burst
