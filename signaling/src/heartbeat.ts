/** One timer for all sockets, and with it the one list of them. Imports nothing of ours. */

/** Where a member stands; kept by the heartbeat. */
export interface Beating {
  part: number
  position: number
}

export interface Heartbeat<Member extends Beating> {
  add(member: Member): void
  /** A member that was not added, or is removed already, is left alone. */
  remove(member: Member): void
  readonly size: number
  members(): Member[]
  stop(): void
}

/** Of a member that stands nowhere. */
export const nowhere = -1

const tickMs = 1_000

/**
 * Every socket is asked for a sign of life once every `intervalMs`; each tick asks another part of them, so that the
 * pongs of thousands do not arrive at one moment. Browsers answer in their network stack, however throttled the tab is.
 *
 * Who has just joined has shown life: newcomers are spread over those parts whose turn comes in the later half of the
 * interval, so that thousands that come back at one moment are not asked at once, nor while they are coming.
 */
export const startHeartbeat = <Member extends Beating>(
  intervalMs: number,
  beat: (member: Member) => void,
): Heartbeat<Member> => {
  const parts = Array.from({ length: Math.max(1, Math.round(intervalMs / tickMs)) }, (): Member[] => [])
  const later = Math.ceil(parts.length / 2)
  let size = 0
  let joining = 0
  let current = 0
  const timer = setInterval(() => {
    current = (current + 1) % parts.length
    // A copy: a member may be removed while the part is asked.
    for (const member of [...(parts[current] ?? [])]) beat(member)
  }, intervalMs / parts.length)
  return {
    add(member) {
      member.part = (current + parts.length - later + 1 + joining) % parts.length
      joining = (joining + 1) % later
      member.position = (parts[member.part]?.push(member) ?? 0) - 1
      size++
    },
    remove(member) {
      const part = parts[member.part]
      const last = part?.pop()
      if (!part || !last) return
      if (last !== member) {
        part[member.position] = last
        last.position = member.position
      }
      member.part = nowhere
      size--
    },
    get size() {
      return size
    },
    members: () => parts.flat(),
    stop: () => clearInterval(timer),
  }
}
