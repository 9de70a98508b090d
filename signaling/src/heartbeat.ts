/** One timer for all sockets, and with it the one set of them. Imports nothing of ours. */

export interface Heartbeat<Member> {
  add(member: Member): void
  remove(member: Member): void
  readonly size: number
  members(): Member[]
  stop(): void
}

const tickMs = 1_000

/**
 * Every socket is asked for a sign of life once every `intervalMs`; each tick asks another part of them, so that the
 * pongs of thousands do not arrive at one moment. Browsers answer in their network stack, however throttled the tab is.
 */
export const startHeartbeat = <Member>(intervalMs: number, beat: (member: Member) => void): Heartbeat<Member> => {
  const parts = Array.from({ length: Math.max(1, Math.round(intervalMs / tickMs)) }, () => new Set<Member>())
  let next = 0
  const timer = setInterval(() => {
    next = (next + 1) % parts.length
    for (const member of parts[next] ?? []) beat(member)
  }, intervalMs / parts.length)
  return {
    add: (member) => void smallest(parts).add(member),
    remove(member) {
      for (const part of parts) if (part.delete(member)) return
    },
    get size() {
      return parts.reduce((size, part) => size + part.size, 0)
    },
    members: () => parts.flatMap((part) => [...part]),
    stop: () => clearInterval(timer),
  }
}

const smallest = <Member>(parts: readonly Set<Member>[]): Set<Member> =>
  parts.reduce((least, part) => (part.size < least.size ? part : least))
