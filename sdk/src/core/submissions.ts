/** Own transactions that are in no event yet. Imports nothing. */

/** At most so many transactions, and about so many bytes of them, in one event; the rest waits for the next. */
const MAX_TRANSACTIONS_PER_EVENT = 4096
const MAX_TRANSACTION_BYTES_PER_EVENT = 1 << 20

export interface Submissions {
  /** `draw`: the block that orders them is to get a random value. */
  add(transactions: readonly Uint8Array[], draw: boolean): void
  /** As many as fit into one event, in the order in which they were added. */
  take(): { readonly transactions: readonly Uint8Array[]; readonly draw: boolean }
  readonly count: number
}

export function createSubmissions(): Submissions {
  const waiting: { readonly transaction: Uint8Array; readonly draw: boolean }[] = []
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
  }
}
