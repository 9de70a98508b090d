/** One timer for all sockets. Imports nothing of ours. */

export interface Beating {
  beat(missesMax: number): void
}

export interface Heartbeat {
  add(beating: Beating): void
  remove(beating: Beating): void
  stop(): void
}

const tickMs = 1_000

/**
 * Every socket is asked for a sign of life once every `intervalMs`; each tick asks another part of them, so that the
 * pongs of thousands do not arrive at one moment. Browsers answer in their network stack, however throttled the tab is.
 */
export const startHeartbeat = (intervalMs: number, missesMax: number): Heartbeat => {
  const parts = Array.from({ length: Math.max(1, Math.round(intervalMs / tickMs)) }, () => new Set<Beating>())
  let next = 0
  const timer = setInterval(() => {
    next = (next + 1) % parts.length
    for (const beating of parts[next] ?? []) beating.beat(missesMax)
  }, intervalMs / parts.length)
  return {
    add: (beating) => smallest(parts).add(beating),
    remove(beating) {
      for (const part of parts) if (part.delete(beating)) return
    },
    stop: () => clearInterval(timer),
  }
}

const smallest = (parts: readonly Set<Beating>[]): Set<Beating> =>
  parts.reduce((least, part) => (part.size < least.size ? part : least))
