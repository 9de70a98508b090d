/** Deletions that are ordered before what they delete. May import only this folder. */
import type { PeerId } from '../index.ts'
import { limits } from './limits.ts'
import type { Range } from './update.ts'

interface WaitingDelete {
  readonly author: PeerId
  readonly start: number
  readonly end: number
}

export interface WaitingDeletes {
  /** What of these can be done by now; the rest waits, as far as the author's share goes. */
  settle(author: PeerId, deletes: readonly Range[], clockOf: (client: number) => number): Range[]
  /** Takes out what waited for the client's content below a clock. */
  take(client: number, clock: number): Range[]
}

export function createWaitingDeletes(): WaitingDeletes {
  const byClient = new Map<number, WaitingDelete[]>()
  const shares = new Map<PeerId, number>()

  function add(client: number, waiting: WaitingDelete): void {
    const share = shares.get(waiting.author) ?? 0
    if (share >= limits.waitingDeletes) return
    shares.set(waiting.author, share + 1)
    const others = byClient.get(client)
    if (others) others.push(waiting)
    else byClient.set(client, [waiting])
  }

  return {
    settle(author, deletes, clockOf) {
      const due: Range[] = []
      for (const { client, start, end } of deletes) {
        const clock = clockOf(client)
        if (start < clock) due.push({ client, start, end: Math.min(end, clock) })
        if (end > clock) add(client, { author, start: Math.max(start, clock), end })
      }
      return due
    },
    take(client, clock) {
      const waiting = byClient.get(client)
      if (!waiting?.some(({ start }) => start < clock)) return []
      byClient.delete(client)
      const due: Range[] = []
      for (const { author, start, end } of waiting) {
        shares.set(author, (shares.get(author) ?? 1) - 1)
        if (start < clock) due.push({ client, start, end: Math.min(end, clock) })
        if (end > clock) add(client, { author, start: Math.max(start, clock), end })
      }
      return due
    },
  }
}
