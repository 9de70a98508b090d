/** Final blocks as the application sees them, each listener from the first one on, and the receipts of own submissions. */
import type { PeerId } from '../core/gossip/event.ts'
import { deferred } from './deferred.ts'
import type { ParsecError } from './errors.ts'
import type { FinalBlock, Finality, Receipt } from './types.ts'
import type { EncodedTransaction } from './value.ts'

/** Of own transactions so many, and so many bytes of them, may wait to become final; more is refused. */
export const MAX_PENDING = 65_536
export const MAX_PENDING_BYTES = 64 << 20

interface OpenReceipt {
  readonly bytes: number
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
  open(transaction: EncodedTransaction): Receipt
  /** As much is pending as may be. */
  readonly isFull: boolean
  /** Forgets the blocks, not the receipts: the section yielded to another one. */
  restart(): void
  /** Ends every iteration and rejects every receipt, and starts anew: we left for another section. */
  moveOn(error: ParsecError): void
  /** Ends every iteration and rejects every receipt. */
  end(error: ParsecError): void
}

export function createHistory(self: PeerId, nowMs: () => number): History {
  // Another list for another section: who is behind reads the former one to its end.
  let blocks: FinalBlock[] = []
  let ended: ParsecError | null = null
  const receipts = new Map<string, OpenReceipt>()
  let pendingBytes = 0
  const followers = new Set<() => void>()

  function settle(block: FinalBlock): void {
    const atMs = nowMs()
    block.transactions.forEach(({ id, creator }, index) => {
      const receipt = creator === self ? receipts.get(id) : undefined
      if (!receipt) return
      receipts.delete(id)
      pendingBytes -= receipt.bytes
      receipt.resolve({ height: block.height, index, latencyMs: atMs - receipt.submittedAtMs })
    })
  }

  function rejectAll(error: ParsecError): void {
    for (const receipt of receipts.values()) receipt.reject(error)
    receipts.clear()
    pendingBytes = 0
    for (const wake of [...followers]) wake()
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
      let list = blocks
      let next = 0
      const deliver = () => {
        for (;;) {
          while (followers.has(deliver) && next < list.length) listener(list[next++] as FinalBlock)
          if (list === blocks) return
          list = blocks
          next = 0
        }
      }
      followers.add(deliver)
      // Not before `on` has returned.
      queueMicrotask(deliver)
      return () => void followers.delete(deliver)
    },
    async *iterate(from) {
      let height = Math.max(1, from)
      const list = blocks
      for (;;) {
        while (height <= list.length) yield list[height++ - 1] as FinalBlock
        if (ended || list !== blocks) return
        await new Promise<void>((resolve) => {
          const wake = () => {
            followers.delete(wake)
            resolve()
          }
          followers.add(wake)
        })
      }
    },
    open({ id, bytes: { length } }) {
      const { promise, resolve, reject } = deferred<Finality>()
      receipts.set(id, { bytes: length, submittedAtMs: nowMs(), resolve, reject })
      pendingBytes += length
      return { id, final: promise }
    },
    get isFull() {
      return receipts.size >= MAX_PENDING || pendingBytes >= MAX_PENDING_BYTES
    },
    restart() {
      blocks.length = 0
    },
    moveOn(error) {
      blocks = []
      rejectAll(error)
    },
    end(error) {
      ended ??= error
      rejectAll(error)
    },
  }
}
