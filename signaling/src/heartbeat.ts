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
  let size = 0
  let joining = 0
  let next = 0
  const timer = setInterval(() => {
    next = (next + 1) % parts.length
    for (const member of parts[next] ?? []) beat(member)
  }, intervalMs / parts.length)
  return {
    add(member) {
      joining = (joining + 1) % parts.length
      parts[joining]?.add(member)
      size++
    },
    remove(member) {
      if (parts.some((part) => part.delete(member))) size--
    },
    get size() {
      return size
    },
    members: () => parts.flatMap((part) => [...part]),
    stop: () => clearInterval(timer),
  }
}
