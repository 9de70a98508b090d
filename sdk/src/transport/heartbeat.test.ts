import { expect, it } from 'vitest'
import { backoffMs } from './backoff.ts'
import { heard, PING_INTERVAL_MS, pong, SILENCE_MS, startHeartbeat, tick } from './heartbeat.ts'

/** Ticks on time from 0 until the link is dead; answers with when that was. */
const deathMs = (heardMs: number): number => {
  let heartbeat = heard(startHeartbeat(0), heardMs)
  for (let now = 0; ; now += PING_INTERVAL_MS) {
    const result = tick(heartbeat, now)
    if (result.ping === null) return now
    heartbeat = result.heartbeat
  }
}

it('gives a silent link up in less than 15 s after the last sign of life, whenever that was', () => {
  for (let heardMs = 0; heardMs < PING_INTERVAL_MS; heardMs += 100) {
    expect(deathMs(heardMs) - heardMs).toBeGreaterThanOrEqual(SILENCE_MS)
    expect(deathMs(heardMs) - heardMs).toBeLessThan(15_000)
  }
})

it('does not take its own frozen timers for the silence of the peer', () => {
  const { heartbeat, ping } = tick(startHeartbeat(0), 60_000)
  expect(ping).not.toBeNull()
  const second = tick(heartbeat, 60_000 + PING_INTERVAL_MS)
  expect(second.ping).not.toBeNull()
  expect(tick(second.heartbeat, 60_000 + 2 * PING_INTERVAL_MS).ping).toBeNull()
})

it('smooths the round trip as RFC 6298 does', () => {
  const first = tick(startHeartbeat(0), 0)
  const measured = pong(first.heartbeat, 0, 40)
  expect(measured.smoothedRttMs).toBe(40)
  const second = tick(measured, 2_500)
  expect(pong(second.heartbeat, 1, 2_580).smoothedRttMs).toBe(45)
})

it('believes no answer to a ping that it did not send, nor a second answer', () => {
  const { heartbeat } = tick(startHeartbeat(0), 0)
  expect(pong(heartbeat, 5, 1)).toBe(heartbeat)
  const once = pong(heartbeat, 0, 40)
  expect(pong(once, 0, 90)).toBe(once)
})

it('remembers a few open pings only', () => {
  let heartbeat = startHeartbeat(0)
  for (let now = 0; now < 100_000; now += PING_INTERVAL_MS) heartbeat = tick(heard(heartbeat, now), now).heartbeat
  expect(heartbeat.outstanding.length).toBeLessThanOrEqual(8)
})

it('backs off twice as long after every failure, up to a bound, between half and all of it', () => {
  expect([0, 1, 2, 10, 5_000].map((failures) => backoffMs(failures, 500, 30_000, () => 0))).toEqual([
    250, 500, 1_000, 15_000, 15_000,
  ])
  expect(backoffMs(1, 500, 30_000, () => 0.999)).toBeCloseTo(1_000, -1)
})
