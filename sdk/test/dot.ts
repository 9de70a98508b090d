/** A gossip graph as Graphviz text: one column per member, time upwards. May import core types and the notation. */
import type { GossipEvent, PeerId } from '../src/core/gossip/event.ts'
import { nameEvents, peerName, printObservation } from './notation.ts'

/** `notes` adds a line to an event's label, for instance what it decides. */
export function toDot(events: readonly GossipEvent[], notes: (event: GossipEvent) => string = () => ''): string {
  const names = nameEvents(events)
  const quote = (text: string) => `"${text.replaceAll('"', '\\"')}"`
  const columns = new Map<PeerId, GossipEvent[]>()
  for (const event of events) columns.set(event.creator, [...(columns.get(event.creator) ?? []), event])
  const lines = ['digraph gossip {', '  rankdir=BT; node [shape=box, fontsize=10]; edge [arrowsize=0.6]']
  for (const [creator, own] of [...columns].sort(([a], [b]) => (a < b ? -1 : 1))) {
    lines.push(`  subgraph ${quote(`cluster_${peerName(creator)}`)} {`, `    label=${quote(peerName(creator))}`)
    for (const event of own) {
      const said = event.body.observations.map((observation) => printObservation(observation, names))
      if (event.body.transactions.length > 0) said.unshift(`tx:${event.body.transactions.length}`)
      const label = [names.get(event.id), said.join(' '), notes(event)].filter((part) => part).join('\\n')
      lines.push(`    ${quote(names.get(event.id) ?? '')} [label=${quote(label)}]`)
      if (event.selfParent)
        lines.push(
          `    ${quote(names.get(event.selfParent) ?? '')} -> ${quote(names.get(event.id) ?? '')} [weight=10, style=bold]`,
        )
    }
    lines.push('  }')
  }
  for (const event of events)
    for (const parent of event.otherParents)
      lines.push(`  ${quote(names.get(parent) ?? '')} -> ${quote(names.get(event.id) ?? '')} [constraint=true]`)
  return [...lines, '}', ''].join('\n')
}
