/** Blocks of the core as the application sees them. */
import type { PeerId } from '../core/gossip/event.ts'
import type { Block } from '../core/section/block.ts'
import type { Observation } from '../core/section/observation.ts'
import type { Change, FinalBlock } from './types.ts'
import { decodeTransaction } from './value.ts'

/**
 * Reads the blocks of one section in order, from 1; `members` are those after the block. An author may sign a
 * transaction twice, and the order says which of the two counts.
 */
export function createBlockReader(): (block: Block, members: readonly PeerId[]) => FinalBlock {
  const seen = new Set<string>()
  return (block, members) => ({
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
  })
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
