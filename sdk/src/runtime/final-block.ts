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

export interface BlockTeller {
  /** The next block, from 1; `members` are those after it. */
  tell(block: Block, members: readonly PeerId[]): ToldBlock
  /** A block that was told before, as it was then. */
  retell(block: Block, members: readonly PeerId[]): ToldBlock
  /** Of the last block that was told; 0 before the first. */
  readonly height: number
}

/**
 * For the blocks of one section. An author may sign a transaction twice, and the order says which of the two counts:
 * whatever else there is of it is left out.
 */
export function createBlockTeller(random: (length: number) => Uint8Array): BlockTeller {
  const seen = createIdSet(random)
  // By height, the places of what was left out. Of honest authors there is nothing.
  const repeated = new Map<number, Uint32Array>()
  let height = 0
  return {
    tell(block, members) {
      const places: number[] = []
      const told = toTold(block, members, (id, place) => {
        const isNew = seen.add(id)
        if (!isNew) places.push(place)
        return isNew
      })
      if (places.length > 0) repeated.set(block.height, Uint32Array.from(places))
      height = block.height
      return told
    },
    retell(block, members) {
      const places = new Set(repeated.get(block.height))
      return toTold(block, members, (_id, place) => !places.has(place))
    },
    get height() {
      return height
    },
  }
}

function toTold(block: Block, members: readonly PeerId[], counts: (id: string, place: number) => boolean): ToldBlock {
  const authors: { readonly creator: PeerId; readonly count: number }[] = []
  const ids: string[] = []
  const kept: Uint8Array[] = []
  let place = 0
  for (const { creator, transactions } of block.items) {
    const identify = createIdentifier(creator)
    const before = ids.length
    for (const bytes of transactions) {
      const id = identify(bytes)
      if (!counts(id, place++)) continue
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
