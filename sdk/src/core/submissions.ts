/** Own transactions: those that are in no event yet, and those that are not final. Imports core types only. */
import type { GossipEvent } from './gossip/event.ts'

/**
 * Of own transactions at most so many, and about so many bytes, are in events and not final; the rest waits. Whoever
 * submits more than the section decides would else bury under it the very events that decide. What waits here costs the
 * others nothing.
 */
export const MAX_UNDECIDED_TRANSACTIONS = 4096
export const MAX_UNDECIDED_BYTES = 1 << 20
/** At most so many in one event, and about so many bytes: what arrives soon is answered soon. */
export const MAX_TRANSACTIONS_PER_EVENT = 1024
export const MAX_TRANSACTION_BYTES_PER_EVENT = 1 << 18

export interface Submissions {
  /** `draw`: the block that orders them is to get a random value. */
  add(transactions: readonly Uint8Array[], draw: boolean): void
  /** Takes note of an own event. */
  said(event: GossipEvent): void
  /** What own events up to this one carry is final. */
  decided(seq: number): void
  /** Whether some wait that may go into an event now. */
  readonly isDue: boolean
  /** As many as may go into one event now, in the order in which they were added. */
  take(): { readonly transactions: readonly Uint8Array[]; readonly draw: boolean }
  /** Not final. */
  readonly pending: number
}

interface Load {
  readonly seq: number
  readonly count: number
  readonly bytes: number
}

export function createSubmissions(): Submissions {
  // A queue: taken from at `next`, and cut there now and then.
  let waiting: { readonly transaction: Uint8Array; readonly draw: boolean }[] = []
  let next = 0
  // Own events that carry some and are not decided, oldest first.
  const underWay: Load[] = []
  let count = 0
  let bytes = 0

  const isFull = () => count >= MAX_UNDECIDED_TRANSACTIONS || bytes >= MAX_UNDECIDED_BYTES

  return {
    add(transactions, draw) {
      for (const transaction of transactions) waiting.push({ transaction, draw })
    },
    said({ seq, body: { transactions } }) {
      if (transactions.length === 0) return
      const load = { seq, count: transactions.length, bytes: transactions.reduce((sum, { length }) => sum + length, 0) }
      underWay.push(load)
      count += load.count
      bytes += load.bytes
    },
    decided(seq) {
      for (let first = underWay[0]; first && first.seq <= seq; first = underWay[0]) {
        underWay.shift()
        count -= first.count
        bytes -= first.bytes
      }
    },
    get isDue() {
      return next < waiting.length && !isFull()
    },
    take() {
      const transactions: Uint8Array[] = []
      let draws = false
      let size = 0
      const most = Math.min(MAX_TRANSACTIONS_PER_EVENT, MAX_UNDECIDED_TRANSACTIONS - count)
      const mostBytes = Math.min(MAX_TRANSACTION_BYTES_PER_EVENT, MAX_UNDECIDED_BYTES - bytes)
      while (next < waiting.length && transactions.length < most && size < mostBytes) {
        const { transaction, draw } = waiting[next++] as (typeof waiting)[number]
        transactions.push(transaction)
        size += transaction.length
        draws ||= draw
      }
      if (next > waiting.length / 2) {
        waiting = waiting.slice(next)
        next = 0
      }
      return { transactions, draw: draws }
    },
    get pending() {
      return waiting.length - next + count
    },
  }
}
