/**
 * The content-aware scheduler: reads every message and holds back what would unite the voters. It cuts the voters in
 * two halves anew for every creator and height and lets an event pass to one half at once, to the other late, so that
 * the halves observe different candidates and their binary agreements start split; whenever a block gets through
 * faster than the last one it tries another cut.
 * Can: read everything and delay any message, up to its bound. Cannot: drop, alter or reorder on one link.
 */
import type { GossipMessage } from '../../src/core/io.ts'
import type { Scheduler } from '../network/network.ts'
import type { Random } from '../random.ts'

export interface SchedulerOptions {
  readonly random: Random
  readonly boundMs: number
  readonly untilMs: number
  now(): number
}

/** Spreads a few small numbers over 32 bits. */
function mix(...parts: readonly number[]): number {
  let state = 0x9e3779b9
  for (const part of parts) {
    state = Math.imul(state ^ part, 0x85ebca6b)
    state ^= state >>> 13
    state = Math.imul(state, 0xc2b2ae35)
    state ^= state >>> 16
  }
  return state >>> 0
}

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { random, boundMs } = options
  let cut = random.int(0, 0x7fffffff)
  let height = 0
  let heightSinceMs = 0
  let lastTookMs = 0

  function watch(attested: number): void {
    if (attested <= height) return
    const tookMs = options.now() - heightSinceMs
    if (tookMs <= lastTookMs) cut = random.int(0, 0x7fffffff)
    lastTookMs = tookMs
    heightSinceMs = options.now()
    height = attested
  }

  return (_from, to, message: GossipMessage) => {
    if (message.kind !== 'events' || options.now() > options.untilMs) return 0
    let extraMs = 0
    for (const event of message.events) {
      watch(event.attest.height)
      const creator = Number.parseInt(event.creator.slice(0, 8), 16)
      const carries = event.body.transactions.length > 0 || event.body.observations.length > 0
      // Content decides who is whose observee; what follows only has to be kept a little apart.
      const late = mix(cut, creator, event.attest.height, to) % 2 === 0
      if (late) extraMs = Math.max(extraMs, carries ? boundMs : boundMs / 4)
    }
    return extraMs
  }
}
