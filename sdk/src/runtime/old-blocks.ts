/** Final blocks that were told before, for whoever comes later or is behind: read back, and told as they were. */
import type { PeerId } from '../core/gossip/event.ts'
import type { BlockOutline } from '../core/section/block.ts'
import type { Engine } from './engine.ts'
import type { BlockTeller, ToldBlock } from './final-block.ts'
import { pause } from './pause.ts'
import { readAllStored } from './stored-block.ts'

/** Of blocks that are read at once, unless one alone has more. */
const EVENTS_AT_ONCE = 64
/** Transactions that are told without a pause for the thread's other work. */
const PAUSE_BYTES = 256 << 10

/** At least one block, at most up to `to`; all of them were told by this teller. Rejects with `StoreError`. */
export async function readOldBlocks(
  { core, load }: Pick<Engine, 'core' | 'load'>,
  teller: BlockTeller,
  from: number,
  to: number,
): Promise<readonly ToldBlock[]> {
  const told: ToldBlock[] = []
  let members: readonly PeerId[] | null = null
  let bytes = PAUSE_BYTES
  for (const block of await readAllStored(outlines(core, from, to), load)) {
    if (bytes >= PAUSE_BYTES) {
      await pause()
      bytes = 0
    }
    // To ask for an old state is dear, and only observations change it.
    if (members === null || block.observations.length > 0) {
      members = [...(core.ordering.stateAfter(block.height)?.members.keys() ?? [])]
    }
    const next = teller.retell(block, members)
    told.push(next)
    bytes += next.transactions.bytes.length
  }
  return told
}

function outlines(core: Engine['core'], from: number, to: number): readonly BlockOutline[] {
  const found: BlockOutline[] = []
  let events = 0
  for (let height = from; height <= to; height++) {
    const outline = core.block(height)
    if (!outline || (found.length > 0 && events + outline.items.length > EVENTS_AT_ONCE)) break
    events += outline.items.length
    found.push(outline)
  }
  return found
}
