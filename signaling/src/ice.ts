/**
 * Short-lived TURN credentials after "A REST API For Access To TURN Services" (draft-uberti-behave-turn-rest), which
 * coturn implements as `use-auth-secret`. Imports Node only.
 */
import { createHmac, randomBytes } from 'node:crypto'

export interface IceOptions {
  /** STUN servers handed out to everybody, such as `stun:stun.example.org:3478`. */
  readonly stunUrls?: readonly string[]
  /** TURN servers, such as `turn:turn.example.org:3478?transport=udp`. They need `turnSecret`. */
  readonly turnUrls?: readonly string[]
  /** coturn's `static-auth-secret`. */
  readonly turnSecret?: string
  /** How long a credential can be used to allocate a relay, in seconds. Default 3,600. */
  readonly turnTtlSeconds?: number
}

/** As `RTCConfiguration.iceServers` takes it. */
export interface IceServer {
  readonly urls: readonly string[]
  readonly username?: string
  readonly credential?: string
}

export interface IceAnswer {
  readonly iceServers: readonly IceServer[]
  /** Ask again after this long. Null when the answer holds no credential. */
  readonly ttlSeconds: number | null
}

/** With nothing configured, an empty list. */
export const iceAnswer = (options: IceOptions, nowMs: number): IceAnswer => {
  const iceServers: IceServer[] = []
  if (options.stunUrls?.length) iceServers.push({ urls: options.stunUrls })
  if (!options.turnUrls?.length || !options.turnSecret) return { iceServers, ttlSeconds: null }
  const ttlSeconds = options.turnTtlSeconds ?? 3_600
  // The user part tells users apart in coturn's quotas; it is random, so that it names nobody.
  const username = `${Math.floor(nowMs / 1_000) + ttlSeconds}:${randomBytes(8).toString('hex')}`
  // HMAC-SHA-1 and base64 are the scheme's, not ours to choose.
  const credential = createHmac('sha1', options.turnSecret).update(username).digest('base64')
  iceServers.push({ urls: options.turnUrls, username, credential })
  return { iceServers, ttlSeconds }
}
