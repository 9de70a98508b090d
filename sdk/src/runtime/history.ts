/**
 * Final blocks as the application sees them, each listener from the first one on, and the receipts of own submissions.
 * The newest blocks are here; who wants older ones, or falls behind, has them read back.
 */
import type { PeerId } from '../core/gossip/event.ts'
import { createChanges } from './changes.ts'
import { deferred } from './deferred.ts'
import { ParsecError } from './errors.ts'
import { readBlock, type ToldBlock } from './final-block.ts'
import { createRecentBlocks, type RecentBlocks } from './recent-blocks.ts'
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

export interface HistoryOptions {
  readonly self: PeerId
  readonly nowMs: () => number
  /**
   * Blocks that were appended and are not held any more, from this height on: at least one, at most up to the other.
   * Asked only of the section that we are in. Rejects with `ParsecError`.
   */
  readonly readBack: (from: number, to: number) => Promise<readonly ToldBlock[]>
}

export interface History {
  /** Of the last block. */
  readonly height: number
  /** Undefined if it is to come, or not held any more. */
  block(height: number): FinalBlock | undefined
  append(block: ToldBlock): void
  /** Calls back with every block from 1, those to come included. */
  follow(listener: (block: FinalBlock) => void): () => void
  /** Rejects with `ParsecError` where a block cannot be read back. */
  iterate(from: number): AsyncIterableIterator<FinalBlock>
  /** Waits for a block to come. Rejects with `ParsecError`. */
  read(height: number): Promise<FinalBlock>
  open(transaction: EncodedTransaction): Receipt
  /** As much is pending as may be. */
  readonly isFull: boolean
  /** Forgets the blocks, not the receipts, and starts anew: the section yielded to another one. */
  restart(): void
  /** Ends every iteration and rejects every receipt, and starts anew: we left for another section. */
  moveOn(error: ParsecError): void
  /** Ends every iteration and rejects every receipt. */
  end(error: ParsecError): void
}

/** Blocks that are read back at once, at most. */
const BLOCKS_AT_ONCE = 64

/** The blocks of one section. */
interface Chain {
  readonly recent: RecentBlocks
  /** We left for another one. */
  left: ParsecError | null
}

export function createHistory({ self, nowMs, readBack }: HistoryOptions): History {
  // Another one for another section: who is behind reads what is held of the former to its end.
  let chain = newChain()
  let ended: ParsecError | null = null
  const receipts = new Map<string, OpenReceipt>()
  let pendingBytes = 0
  const changes = createChanges()
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
    wakeAll()
  }

  function wakeAll(): void {
    for (const deliver of [...followers]) deliver()
    changes.happened()
  }

  /** From a height on that this section has and does not hold. */
  async function older({ recent, left }: Chain, from: number, count = BLOCKS_AT_ONCE): Promise<readonly ToldBlock[]> {
    if (recent !== chain.recent) throw left ?? new ParsecError('superseded', 'the section gave way to another one')
    return await readBack(from, Math.min(from + count, recent.oldest) - 1)
  }

  function follow(listener: (block: FinalBlock) => void): () => void {
    let own = chain
    let next = 1
    let isReading = false

    function deliver(): void {
      if (isReading) return
      for (;;) {
        while (followers.has(deliver) && next <= own.recent.height) {
          const block = own.recent.at(next)
          // Of a former section there is no more.
          if (!block && own !== chain) break
          if (!block) return void catchUp()
          next++
          listener(block)
        }
        if (own === chain) return
        own = chain
        next = 1
      }
    }

    async function catchUp(): Promise<void> {
      isReading = true
      const from = next
      try {
        // Where they cannot be read the section was closed, or stops with an alarm.
        for (const told of await older(own, from).catch(() => [])) {
          if (!followers.has(deliver)) return
          next++
          listener(readBlock(told))
        }
      } finally {
        isReading = false
      }
      if (next > from || own !== chain) deliver()
    }

    followers.add(deliver)
    // Not before `on` has returned.
    queueMicrotask(deliver)
    return () => void followers.delete(deliver)
  }

  async function* iterate(from: number): AsyncGenerator<FinalBlock> {
    let own = chain
    let height = Math.max(1, Math.ceil(from))
    for (;;) {
      while (height <= own.recent.height) {
        const block = own.recent.at(height)
        if (block) {
          height++
          yield block
          continue
        }
        const blocks = await older(own, height).catch(noneIfClosed)
        if (blocks.length === 0) return
        for (const told of blocks) {
          height++
          yield readBlock(told)
        }
      }
      if (ended || own.left) return
      if (own === chain) await changes.next().promise
      else {
        own = chain
        height = Math.max(1, Math.ceil(from))
      }
    }
  }

  async function read(height: number): Promise<FinalBlock> {
    if (!Number.isSafeInteger(height) || height < 1) throw new ParsecError('badOptions', 'height: an integer from 1')
    for (let own = chain; ; ) {
      if (own.left) throw own.left
      own = chain
      const block = own.recent.at(height)
      if (block) return block
      if (height <= own.recent.height) {
        const [told] = await older(own, height, 1)
        return readBlock(told as ToldBlock)
      }
      if (ended) throw ended
      await changes.next().promise
    }
  }

  return {
    get height() {
      return chain.recent.height
    },
    block: (height) => chain.recent.at(height),
    append(told) {
      settle(chain.recent.push(told))
      wakeAll()
    },
    follow,
    iterate,
    read,
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
      chain = newChain()
      wakeAll()
    },
    moveOn(error) {
      chain.left = error
      chain = newChain()
      rejectAll(error)
    },
    end(error) {
      ended ??= error
      rejectAll(error)
    },
  }
}

const newChain = (): Chain => ({ recent: createRecentBlocks(), left: null })

/** Who reads what is left when the section is closed has as little of it as who waits for more. */
function noneIfClosed(error: unknown): readonly ToldBlock[] {
  if (error instanceof ParsecError && error.code === 'closed') return []
  throw error
}
