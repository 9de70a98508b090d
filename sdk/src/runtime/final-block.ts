/**
 * Blocks of the core as the application sees them: told by the host, packed, so that thousands of transactions cost
 * another thread a few buffers, and read where the application is.
 */
import type { PeerId } from '../core/gossip/event.ts'
import type { Block } from '../core/section/block.ts'
import type { Observation } from '../core/section/observation.ts'
import { createIdSet } from './id-set.ts'
import { type Packed, packBytes } from './packed.ts'
import type { Change, FinalBlock, FinalTransaction } from './types.ts'
import { createIdentifier, decodeValue, holdsValue } from './value.ts'

export interface ToldBlock extends Omit<FinalBlock, 'transactions'> {
  /** In runs by one creator. */
  readonly authors: readonly { readonly creator: PeerId; readonly count: number }[]
  readonly ids: readonly string[]
  /** As they travel; empty where there is no value in them. */
  readonly transactions: Packed
}

/**
 * Tells the blocks of one section in order, from 1; `members` are those after the block. An author may sign a
 * transaction twice, and the order says which of the two counts.
 */
export function createBlockTeller(
  random: (length: number) => Uint8Array,
): (block: Block, members: readonly PeerId[]) => ToldBlock {
  const seen = createIdSet(random)
  return (block, members) => {
    const authors: { readonly creator: PeerId; readonly count: number }[] = []
    const ids: string[] = []
    const kept: Uint8Array[] = []
    for (const { creator, transactions } of block.items) {
      const identify = createIdentifier(creator)
      const before = ids.length
      for (const bytes of transactions) {
        const id = identify(bytes)
        if (!seen.add(id)) continue
        ids.push(id)
        kept.push(holdsValue(bytes) ? bytes : NO_BYTES)
      }
      if (ids.length > before) authors.push({ creator, count: ids.length - before })
    }
    return {
      height: block.height,
      hash: block.hash,
      previous: block.previous,
      timeMs: block.timeMs,
      authors,
      ids,
      transactions: packBytes(kept),
      changes: block.observations.flatMap(toChange),
      voters: block.voters,
      members,
    }
  }
}

const NO_BYTES = new Uint8Array()

export function readBlock({ authors, ids, transactions: { bytes, lengths }, ...rest }: ToldBlock): FinalBlock {
  const transactions: FinalTransaction[] = []
  let start = 0
  for (const { creator, count } of authors) {
    for (let left = count; left > 0; left--) {
      const end = start + (lengths[transactions.length] as number)
      transactions.push({ creator, id: ids[transactions.length] as string, value: decodeValue(bytes, start, end) })
      start = end
    }
  }
  return { ...rest, transactions }
}

/** The ids of this creator's transactions in the block. */
export function idsBy({ authors, ids }: ToldBlock, creator: PeerId): readonly string[] {
  let at = 0
  return authors.flatMap((author) => {
    const from = at
    at += author.count
    return author.creator === creator ? ids.slice(from, at) : []
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
