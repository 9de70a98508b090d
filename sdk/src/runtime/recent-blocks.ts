/** The blocks of one section that are held in memory: the newest as far as there is room, and the first. */
import { readBlock, type ToldBlock } from './final-block.ts'
import type { FinalBlock } from './types.ts'

export interface RecentBlocks {
  /** Of the newest; 0 before the first. */
  readonly height: number
  /** From here on all are held; above `height` while none is. */
  readonly oldest: number
  /** Undefined if it is not held, or to come. */
  at(height: number): FinalBlock | undefined
  /** The next one. The newest is held however large it is. */
  push(block: ToldBlock): FinalBlock
}

/** Beyond either the oldest go. */
export const MAX_RECENT_BYTES = 16 << 20
export const MAX_RECENT_BLOCKS = 4_096

/** What they take beside their bytes: a block, a key in it, a transaction with its id. */
const BLOCK_BYTES = 1_000
const KEY_BYTES = 100
const TRANSACTION_BYTES = 300

export function createRecentBlocks(): RecentBlocks {
  // In their order.
  const held = new Map<number, { readonly block: FinalBlock; readonly bytes: number }>()
  // It tells who founded the section.
  let first: FinalBlock | undefined
  let height = 0
  let bytes = 0

  return {
    get height() {
      return height
    },
    get oldest() {
      return height - held.size + 1
    },
    at: (wanted) => held.get(wanted)?.block ?? (wanted === 1 ? first : undefined),
    push(told) {
      const block = readBlock(told)
      first ??= block
      height = block.height
      const size = sizeOf(told)
      held.set(height, { block, bytes: size })
      bytes += size
      for (const [oldest, { bytes: freed }] of held) {
        if (oldest === height || (bytes <= MAX_RECENT_BYTES && held.size <= MAX_RECENT_BLOCKS)) break
        held.delete(oldest)
        bytes -= freed
      }
      return block
    },
  }
}

function sizeOf({ transactions, ids, voters, members }: ToldBlock): number {
  const keys = voters.length + members.length
  return BLOCK_BYTES + KEY_BYTES * keys + TRANSACTION_BYTES * ids.length + transactions.bytes.length
}
