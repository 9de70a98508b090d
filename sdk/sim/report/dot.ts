/** The gossip graph of a run as DOT, blocks' content filled. */

import type { GossipEvent, PeerId } from '../../src/core/gossip/event.ts'
import { type DotEvent, toDot } from '../../src/devtools/index.ts'

/** Larger graphs are cut to their last events: nobody reads more. */
const eventsMax = 600

export function graphDot(events: readonly GossipEvent[], nameOf: (peer: PeerId) => string): string {
  return toDot(events.slice(-eventsMax).map((event) => drawn(event, nameOf(event.creator))))
}

function drawn({ id, seq, selfParent, otherParents, attest, body }: GossipEvent, name: string): DotEvent {
  const { transactions, observations } = body
  const said = transactions.length > 0 ? [`${transactions.length} tx`] : []
  const fill = transactions.length > 0 ? 'lightyellow' : observations.length > 0 ? 'lightblue' : null
  return {
    ...{ id, column: name, selfParent, otherParents },
    lines: [`${name}_${seq}`, `block ${attest.height}`, ...said, ...observations.map(({ kind }) => kind)],
    ...(fill === null ? {} : { fill }),
  }
}
