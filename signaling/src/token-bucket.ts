/** Rate limits: a bucket holds up to `burst` tokens and gains `perSecond`. Imports nothing. */

export interface TokenBucket {
  tokens: number
  refilledMs: number
}

export const createBucket = (burst: number, nowMs: number): TokenBucket => ({ tokens: burst, refilledMs: nowMs })

/** True if the bucket held a token, which is taken. A clock that steps back refills nothing. */
export const take = (bucket: TokenBucket, perSecond: number, burst: number, nowMs: number): boolean => {
  bucket.tokens = held(bucket, perSecond, burst, nowMs)
  bucket.refilledMs = nowMs
  if (bucket.tokens < 1) return false
  bucket.tokens -= 1
  return true
}

/** True if `take` would find no token. */
export const isEmpty = (bucket: TokenBucket, perSecond: number, burst: number, nowMs: number): boolean =>
  held(bucket, perSecond, burst, nowMs) < 1

/** True if nothing is lost by forgetting the bucket. */
export const isFull = (bucket: TokenBucket, perSecond: number, burst: number, nowMs: number): boolean =>
  held(bucket, perSecond, burst, nowMs) >= burst

const held = ({ tokens, refilledMs }: TokenBucket, perSecond: number, burst: number, nowMs: number): number =>
  Math.min(burst, tokens + (Math.max(0, nowMs - refilledMs) * perSecond) / 1_000)
