/**
 * What events say, as long as it is needed here; afterwards it is the host's store that has it. Imports the core only.
 *
 * Invariant: of an event whose transactions are not decided everything is kept; nothing of transactions that are.
 */
import type { PostedShare } from '../coin/items.ts'
import type { EventContent } from '../gossip/event.ts'
import type { Vertex } from '../gossip/graph.ts'
import { invariant } from '../invariant.ts'
import { createFloats } from '../numbers.ts'

export interface Contents {
  /** In order of insertion. */
  add(vertex: Vertex, content: EventContent): void
  /** The draft's completed content. */
  replace(vertex: Vertex, content: EventContent): void
  /** Without its transactions once they are decided; undefined when it is not kept any more. */
  of(vertex: Vertex): EventContent | undefined
  /** How many it has, or had; 0 when nothing is kept of it. */
  transactionsOf(vertex: Vertex): number
  /** Of an event with something that no block orders yet. */
  undecided(vertex: Vertex): EventContent
  sharesOf(vertex: Vertex): readonly PostedShare[]
  createdAtMs(vertex: Vertex): number
  /** A block orders the event. */
  settle(vertex: Vertex): void
  /** Nobody asks what events before this index said, but for what is undecided. */
  retire(upTo: number): void
  kept(): { readonly contents: number; readonly transactions: number }
}

interface Held {
  readonly content: EventContent
  readonly transactions: number
  readonly isDecided: boolean
}

export function createContents(): Contents {
  const held = new Map<number, Held>()
  const times = createFloats()
  // An accusation may name any of them as its evidence, however old.
  const shares = new Map<number, readonly PostedShare[]>()
  let transactions = 0
  let retired = 0

  function put(vertex: Vertex, content: EventContent): void {
    const { body } = content
    const count = body.transactions.length
    const isDecided = count + (body.coin?.items.length ?? 0) === 0
    held.set(vertex.index, { content, transactions: count, isDecided })
    if (body.coin && body.coin.shares.length > 0) shares.set(vertex.index, body.coin.shares)
  }

  return {
    add(vertex, content) {
      put(vertex, content)
      times.push(content.createdAtMs)
      transactions += content.body.transactions.length
    },
    replace: put,
    of: ({ index }) => held.get(index)?.content,
    transactionsOf: ({ index }) => held.get(index)?.transactions ?? 0,
    undecided({ index }) {
      const found = held.get(index)
      invariant(found && !found.isDecided, 'what no block orders yet is kept')
      return found.content
    },
    sharesOf: ({ index }) => shares.get(index) ?? [],
    createdAtMs: ({ index }) => times.at(index) as number,
    settle({ index }) {
      const found = held.get(index)
      if (!found || found.isDecided) return
      transactions -= found.transactions
      const content = { ...found.content, body: { ...found.content.body, transactions: [] } }
      if (index < retired) held.delete(index)
      else held.set(index, { ...found, content, isDecided: true })
    },
    retire(upTo) {
      for (; retired < upTo; retired++) if (held.get(retired)?.isDecided) held.delete(retired)
    },
    kept: () => ({ contents: held.size, transactions }),
  }
}
