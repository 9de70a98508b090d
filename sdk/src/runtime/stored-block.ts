/** Final blocks as they were when they were decided: their transactions are in their events, and these in the store. */
import type { EventId } from '../core/gossip/event.ts'
import type { Block, BlockOutline } from '../core/section/block.ts'
import type { SealedEvent } from '../wire/index.ts'

/** Events of the graph, in this order. Rejects with `StoreError`. */
export type Load = (ids: readonly EventId[]) => Promise<readonly SealedEvent[]>

export async function readStored(outline: BlockOutline, load: Load): Promise<Block> {
  const [block] = await readAllStored([outline], load)
  return block as Block
}

/** Reads the events of all of them at once. */
export async function readAllStored(outlines: readonly BlockOutline[], load: Load): Promise<readonly Block[]> {
  const events = await load(outlines.flatMap(({ items }) => items.map(({ event }) => event)))
  let at = 0
  return outlines.map(({ items, ...outline }) => ({
    ...outline,
    items: items.map((item) => ({ ...item, transactions: events[at++]?.event.body.transactions ?? [] })),
  }))
}
