/** Own transactions: those that are in no event yet, and how many are not final. Imports core types only. */
import type { GossipEvent } from './gossip/event.ts'

/** At most so many transactions, and about so many bytes of them, in one event; the rest waits for the next. */
const MAX_TRANSACTIONS_PER_EVENT = 4096
const MAX_TRANSACTION_BYTES_PER_EVENT = 1 << 20

export interface Submissions {
  /** `draw`: the block that orders them is to get a random value. */
  add(transactions: readonly Uint8Array[], draw: boolean): void
  /** As many as fit into one event, in the order in which they were added. */
  take(): { readonly transactions: readonly Uint8Array[]; readonly draw: boolean }
  /** In no event yet. */
  readonly count: number
  /** Takes note of an own event. */
  said(event: GossipEvent): void
  /** Not final, given the last own event, and the last whose transactions are; null: none. */
  pending(lastSeq: number | null, finalSeq: number | null): number
}

export function createSubmissions(): Submissions {
  const waiting: { readonly transaction: Uint8Array; readonly draw: boolean }[] = []
  // On the self-chain up to each sequence number: asked for at every step, with thousands under way.
  const sums: number[] = []
  const sum = (seq: number | null) => (seq === null ? 0 : (sums[seq] ?? 0))
  return {
    add(transactions, draw) {
      for (const transaction of transactions) waiting.push({ transaction, draw })
    },
    take() {
      let bytes = 0
      let count = 0
      for (const { transaction } of waiting) {
        bytes += transaction.length
        if (count === MAX_TRANSACTIONS_PER_EVENT || (count > 0 && bytes > MAX_TRANSACTION_BYTES_PER_EVENT)) break
        count++
      }
      const taken = waiting.splice(0, count)
      return { transactions: taken.map(({ transaction }) => transaction), draw: taken.some(({ draw }) => draw) }
    },
    get count() {
      return waiting.length
    },
    said({ seq, body }) {
      sums[seq] = sum(seq - 1) + body.transactions.length
    },
    pending: (lastSeq, finalSeq) => waiting.length + sum(lastSeq) - sum(finalSeq),
  }
}
