/** The transactions that were submitted through a replica and whose block is not applied yet, in their order. */
import type { FinalBlock, Receipt } from '../index.ts'
import type { AppliedTransaction, Outcome, PendingTransaction, Submission, Verdict } from './types.ts'

export interface OwnTransactions<Reason> {
  /** `lost` is called when the receipt rejects, after the outcome did. */
  open(receipt: Receipt, value: unknown, lost: () => void): Submission<Reason>
  /** Resolves the outcomes of those in the block. */
  settle(block: FinalBlock, applied: readonly AppliedTransaction<Reason>[]): void
  /** In the order of their submission. */
  judge(
    verdictOf: (transaction: Omit<PendingTransaction<Reason>, 'verdict'>) => Verdict<Reason>,
  ): PendingTransaction<Reason>[]
  rejectAll(error: unknown): void
}

interface Own<Reason> {
  readonly id: string
  readonly value: unknown
  readonly resolve: (outcome: Outcome<Reason>) => void
  readonly reject: (error: unknown) => void
}

export function createOwnTransactions<Reason>(): OwnTransactions<Reason> {
  const open = new Map<string, Own<Reason>>()
  return {
    open(receipt, value, lost) {
      const { id } = receipt
      const outcome = new Promise<Outcome<Reason>>((resolve, reject) => open.set(id, { id, value, resolve, reject }))
      // Whoever does not wait for it must not cause an unhandled rejection.
      outcome.catch(() => {})
      receipt.final.catch((error: unknown) => {
        open.get(id)?.reject(error)
        if (open.delete(id)) lost()
      })
      return { id, final: receipt.final, outcome }
    },
    settle(block, applied) {
      for (const { id, verdict } of applied) {
        const own = open.get(id)
        if (!own) continue
        open.delete(id)
        const index = block.transactions.findIndex((transaction) => transaction.id === id)
        own.resolve({ ...verdict, height: block.height, index })
      }
    },
    judge: (verdictOf) => [...open.values()].map(({ id, value }) => ({ id, value, verdict: verdictOf({ id, value }) })),
    rejectAll(error) {
      for (const { reject } of open.values()) reject(error)
      open.clear()
    },
  }
}
