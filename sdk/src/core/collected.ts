/** What one step gathers before it becomes an Output. Imports core types only. */
import type { GossipEvent, PeerId } from './gossip/event.ts'
import type { OutgoingMessage, Rejection } from './io.ts'
import type { Malice } from './malice/malice.ts'
import type { Block } from './section/block.ts'

export interface Collected {
  drafts: GossipEvent[]
  persist: GossipEvent[]
  send: { to: PeerId; message: OutgoingMessage }[]
  blocks: Block[]
  rejections: Rejection[]
  evidence: Malice[]
}

export function collect(): Collected {
  return { drafts: [], persist: [], send: [], blocks: [], rejections: [], evidence: [] }
}

/** The earliest of the times that are known. */
export function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null)
  return known.length > 0 ? Math.min(...known) : null
}
