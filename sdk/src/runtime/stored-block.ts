/** A final block as it was when it was decided: its transactions are in its events, and these in the store. */
import type { EventId } from '../core/gossip/event.ts'
import type { Block, BlockOutline } from '../core/section/block.ts'
import type { SealedEvent } from '../wire/index.ts'

/** Events of the graph, in this order. Rejects with `StoreError`. */
export type Load = (ids: readonly EventId[]) => Promise<readonly SealedEvent[]>

export async function readStored({ items, ...outline }: BlockOutline, load: Load): Promise<Block> {
  const events = await load(items.map(({ event }) => event))
  return {
    ...outline,
    items: items.map((item, i) => ({ ...item, transactions: events[i]?.event.body.transactions ?? [] })),
  }
}
