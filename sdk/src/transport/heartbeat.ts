/**
 * Tells a living link from a dead one, and how long its round trip takes. Pure: time is handed in, in milliseconds of
 * any monotonic clock.
 *
 * A ping is answered on arrival, without a timer, so a throttled tab on the other side answers as fast as any. Our own
 * timers may be throttled or frozen too: a tick that comes late proves nothing about the peer, which then gets two
 * more intervals.
 */

/** A link is pinged this often. */
export const PING_INTERVAL_MS = 2_500
/** Nothing heard for this long: the link is dead. At most one interval later it is noticed, in less than 15 s. */
export const SILENCE_MS = 10_000

const MAX_OUTSTANDING = 8

export interface Heartbeat {
  readonly lastHeardMs: number
  readonly lastTickMs: number
  readonly nextId: number
  /** Pings not answered yet, oldest first. */
  readonly outstanding: readonly { readonly id: number; readonly sentMs: number }[]
  /** Of the latest answer. */
  readonly lastRttMs: number | null
  readonly smoothedRttMs: number | null
}

export const startHeartbeat = (nowMs: number): Heartbeat => ({
  lastHeardMs: nowMs,
  lastTickMs: nowMs,
  nextId: 0,
  outstanding: [],
  lastRttMs: null,
  smoothedRttMs: null,
})

export const heard = (heartbeat: Heartbeat, nowMs: number): Heartbeat => ({ ...heartbeat, lastHeardMs: nowMs })

/** To be called every `PING_INTERVAL_MS`; answers with the ping to send, or null when the link is dead. */
export const tick = (
  before: Heartbeat,
  nowMs: number,
): { readonly heartbeat: Heartbeat; readonly ping: number | null } => {
  const late = nowMs - before.lastTickMs > 2 * PING_INTERVAL_MS
  const grace = nowMs - SILENCE_MS + 2 * PING_INTERVAL_MS
  const lastHeardMs = late ? Math.max(before.lastHeardMs, grace) : before.lastHeardMs
  const dead = nowMs - lastHeardMs >= SILENCE_MS
  const id = before.nextId
  return {
    ping: dead ? null : id,
    heartbeat: {
      ...before,
      lastHeardMs,
      lastTickMs: nowMs,
      nextId: (id + 1) % 2 ** 32,
      outstanding: [...before.outstanding, { id, sentMs: nowMs }].slice(-MAX_OUTSTANDING),
    },
  }
}

/** Smoothed as RFC 6298 does (alpha = 1/8). Answers to pings never sent, or long ago, change nothing. */
export const pong = (before: Heartbeat, id: number, nowMs: number): Heartbeat => {
  const ping = before.outstanding.find((candidate) => candidate.id === id)
  if (!ping) return before
  const rttMs = Math.max(0, nowMs - ping.sentMs)
  const smoothedRttMs =
    before.smoothedRttMs === null ? rttMs : before.smoothedRttMs + (rttMs - before.smoothedRttMs) / 8
  return {
    ...before,
    lastRttMs: rttMs,
    smoothedRttMs,
    outstanding: before.outstanding.filter((candidate) => candidate.id !== id),
  }
}
