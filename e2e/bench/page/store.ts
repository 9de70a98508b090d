/** What durability costs in a browser, where IndexedDB writes to a disk. */
import { type Costs, measureStore } from '../../../sdk/bench/store-work.ts'
import { createMemoryStore, openIndexedDbStore } from '../../../sdk/src/store/index.ts'
import { decodeSealedEvent } from '../../../sdk/src/wire/index.ts'

export type StoreName = 'memory' | 'IndexedDB'

export interface HistoryPlace {
  /** Of the events, each with its length in front, four bytes, the highest first. */
  readonly url: string
  readonly voters: number
  readonly blocks: number
}

const stores = {
  memory: async () => createMemoryStore(),
  IndexedDB: () => openIndexedDbStore('parsec-web-bench'),
} as const

/** In milliseconds by the clock. */
export async function runStore(name: StoreName, { url, voters, blocks }: HistoryPlace): Promise<Costs<number>> {
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer())
  const view = new DataView(bytes.buffer)
  const stored: { readonly id: string; readonly bytes: Uint8Array }[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + view.getUint32(at)
    const event = bytes.slice(at + 4, end)
    const decoded = decodeSealedEvent(event)
    if ('error' in decoded) throw new Error(decoded.error.detail)
    stored.push({ id: decoded.ok.event.id, bytes: event })
    at = end
  }
  return await measureStore(stores[name], { voters, stored, blocks }, async (work) => {
    const startedMs = performance.now()
    await work()
    return performance.now() - startedMs
  })
}
