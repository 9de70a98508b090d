/** Final blocks as the application sees them, each listener from the first one on, and the receipts of own submissions. */
import type { PeerId } from '../core/gossip/event.ts'
import { deferred } from './deferred.ts'
import type { ParsecError } from './errors.ts'
import type { FinalBlock, Finality, Receipt } from './types.ts'

interface OpenReceipt {
  readonly submittedAtMs: number
  readonly resolve: (finality: Finality) => void
  readonly reject: (error: ParsecError) => void
}

export interface History {
  readonly blocks: readonly FinalBlock[]
  append(block: FinalBlock): void
  /** Calls back with every block from 1, those to come included. */
  follow(listener: (block: FinalBlock) => void): () => void
  iterate(from: number): AsyncIterableIterator<FinalBlock>
  open(id: string): Receipt
  /** Forgets the blocks, not the receipts: the section yielded to another one. */
  restart(): void
  /** Ends every iteration and rejects every receipt. */
  end(error: ParsecError): void
}

export function createHistory(self: PeerId, nowMs: () => number): History {
  let blocks: FinalBlock[] = []
  let ended: ParsecError | null = null
  const receipts = new Map<string, OpenReceipt>()
  const followers = new Set<() => void>()

  function settle(block: FinalBlock): void {
    block.transactions.forEach(({ id, creator }, index) => {
      const receipt = creator === self ? receipts.get(id) : undefined
      if (!receipt) return
      receipts.delete(id)
      receipt.resolve({ height: block.height, index, latencyMs: nowMs() - receipt.submittedAtMs })
    })
  }

  return {
    get blocks() {
      return blocks
    },
    append(block) {
      blocks.push(block)
      settle(block)
      for (const wake of [...followers]) wake()
    },
    follow(listener) {
      let next = 0
      const deliver = () => {
        while (followers.has(deliver) && next < blocks.length) listener(blocks[next++] as FinalBlock)
      }
      followers.add(deliver)
      // Not before `on` has returned.
      queueMicrotask(deliver)
      return () => void followers.delete(deliver)
    },
    async *iterate(from) {
      let height = Math.max(1, from)
      for (;;) {
        while (height <= blocks.length) yield blocks[height++ - 1] as FinalBlock
        if (ended) return
        await new Promise<void>((resolve) => {
          const wake = () => {
            followers.delete(wake)
            resolve()
          }
          followers.add(wake)
        })
      }
    },
    open(id) {
      const { promise, resolve, reject } = deferred<Finality>()
      receipts.set(id, { submittedAtMs: nowMs(), resolve, reject })
      return { id, final: promise }
    },
    restart() {
      blocks = []
    },
    end(error) {
      ended ??= error
      for (const receipt of receipts.values()) receipt.reject(error)
      receipts.clear()
      for (const wake of [...followers]) wake()
    },
  }
}
