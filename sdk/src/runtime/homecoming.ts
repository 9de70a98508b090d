/** Which section a store belongs to, also when the record that says so is damaged or lost. */
import type { Hash } from '../core/gossip/event.ts'
import type { Hashing } from '../core/io.ts'
import type { Genesis } from '../core/section/block.ts'
import { ownTipName, type Store, StoreError } from '../store/index.ts'
import { decodeGenesis, decodeSealedEvent, encodeGenesis } from '../wire/index.ts'

export interface StoredSection {
  readonly id: Hash
  /** Null where it was lost: whoever is in that section tells it again. */
  readonly genesis: Genesis | null
}

const GENESIS = 'genesis'

/** Null for a store in which there is nothing yet. Rejects with `StoreError`, `damaged` where nothing can be read of it. */
export async function readSection(store: Store, hashing: Hashing): Promise<StoredSection | null> {
  const genesis = await readGenesis(store)
  if (genesis !== null) return { id: hashing.genesis(genesis), genesis }
  const { events, damaged } = await store.load()
  for (const { bytes } of events.toReversed()) {
    const decoded = decodeSealedEvent(bytes)
    // Every event names its section, and the last ones that in which we were last.
    if ('ok' in decoded) return { id: decoded.ok.event.sectionId, genesis: null }
  }
  if (events.length + damaged.length > 0) throw new StoreError('damaged', 'which section this was cannot be read')
  return null
}

export async function writeSection(store: Store, genesis: Genesis): Promise<void> {
  await store.writeValue(GENESIS, encodeGenesis(genesis))
}

/** In one step. What was said before stays, and is not read any more: in the new section nothing was said yet. */
export async function leaveFor(store: Store, genesis: Genesis): Promise<void> {
  await store.append([], { [GENESIS]: encodeGenesis(genesis), [ownTipName]: new Uint8Array() })
}

async function readGenesis(store: Store): Promise<Genesis | null> {
  try {
    const stored = await store.readValue(GENESIS)
    const decoded = stored === null ? null : decodeGenesis(stored)
    return decoded !== null && 'ok' in decoded ? decoded.ok : null
  } catch (error) {
    if (error instanceof StoreError && error.code === 'damaged') return null
    throw error
  }
}
