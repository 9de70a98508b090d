/** A scenario's gossip graph as DOT, in the scenario's own names. May import core types, devtools and the notation. */
import type { GossipEvent } from '../src/core/gossip/event.ts'
import { toDot as dotOf } from '../src/devtools/index.ts'
import { nameEvents, peerName, printObservation } from './notation.ts'

/** `notes` adds a line to an event's label, for instance what it decides. */
export function toDot(events: readonly GossipEvent[], notes: (event: GossipEvent) => string = () => ''): string {
  const names = nameEvents(events)
  const nameOf = (id: string) => names.get(id) ?? ''
  return dotOf(
    events.map((event) => {
      const { transactions, observations } = event.body
      const said = observations.map((observation) => printObservation(observation, names))
      if (transactions.length > 0) said.unshift(`tx:${transactions.length}`)
      return {
        id: nameOf(event.id),
        column: peerName(event.creator),
        selfParent: event.selfParent === null ? null : nameOf(event.selfParent),
        otherParents: event.otherParents.map(nameOf),
        lines: [nameOf(event.id), said.join(' '), notes(event)],
      }
    }),
  )
}
