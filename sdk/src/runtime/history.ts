/** Final blocks as the application sees them, each listener from the first one on, and the receipts of own submissions. */
import type { PeerId } from '../core/gossip/event.ts'
import type { Block } from '../core/section/block.ts'
import type { Observation } from '../core/section/observation.ts'
import { deferred } from './deferred.ts'
import type { ParsecError } from './errors.ts'
import type { Change, FinalBlock, Finality, Receipt } from './types.ts'
import { decodeTransaction } from './value.ts'

interface OpenReceipt {
  readonly bytes: Uint8Array
  readonly submittedAtMs: number
  readonly resolve: (finality: Finality) => void
  readonly reject: (error: ParsecError) => void
}

export interface History {
  readonly blocks: readonly FinalBlock[]
  append(block: Block, members: readonly PeerId[]): void
  /** Calls back with every block from 1, those to come included. */
  follow(listener: (block: FinalBlock) => void): () => void
  iterate(from: number): AsyncIterableIterator<FinalBlock>
  open(id: string, bytes: Uint8Array): Receipt
  /** Submitted and not final. */
  unfinal(): readonly Uint8Array[]
  /** Forgets the blocks, not the receipts: the section yielded to another one. */
  restart(): void
  /** Ends every iteration and rejects every receipt. */
  end(error: ParsecError): void
}

export function createHistory(self: PeerId, nowMs: () => number): History {
  let blocks: FinalBlock[] = []
  let ended: ParsecError | null = null
  // Ids of final transactions: an author may sign one twice, and the order says which of the two counts.
  const seen = new Set<string>()
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
    append(block, members) {
      const final = toFinalBlock(block, members, seen)
      blocks.push(final)
      settle(final)
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
    open(id, bytes) {
      const { promise, resolve, reject } = deferred<Finality>()
      receipts.set(id, { bytes, submittedAtMs: nowMs(), resolve, reject })
      return { id, final: promise }
    },
    unfinal: () => [...receipts.values()].map(({ bytes }) => bytes),
    restart() {
      blocks = []
      seen.clear()
    },
    end(error) {
      ended ??= error
      for (const receipt of receipts.values()) receipt.reject(error)
      receipts.clear()
      for (const wake of [...followers]) wake()
    },
  }
}

function toFinalBlock(block: Block, members: readonly PeerId[], seen: Set<string>): FinalBlock {
  return {
    height: block.height,
    hash: block.hash,
    previous: block.previous,
    timeMs: block.timeMs,
    transactions: block.items.flatMap(({ creator, transactions }) =>
      transactions.flatMap((bytes) => {
        const transaction = decodeTransaction(creator, bytes)
        if (seen.has(transaction.id)) return []
        seen.add(transaction.id)
        return [{ creator, ...transaction }]
      }),
    ),
    changes: block.observations.flatMap(toChange),
    voters: block.voters,
    members,
  }
}

function toChange(observation: Observation): Change[] {
  switch (observation.kind) {
    case 'add':
    case 'remove':
    case 'expel':
      return [{ kind: observation.kind, peer: observation.peer }]
    case 'voters':
      return [{ kind: 'voters', promote: observation.promote, demote: observation.demote }]
    default:
      return []
  }
}
