/** The gossip graph of a run as DOT, one column per creator, blocks' content filled. */
import type { GossipEvent, PeerId } from '../../src/core/gossip/event.ts'

/** Larger graphs are cut to their last events: nobody reads more. */
const eventsMax = 600

export function graphDot(events: readonly GossipEvent[], nameOf: (peer: PeerId) => string): string {
  const shown = events.slice(-eventsMax)
  const ids = new Set(shown.map((event) => event.id))
  const byCreator = new Map<string, GossipEvent[]>()
  for (const event of shown)
    byCreator.set(nameOf(event.creator), [...(byCreator.get(nameOf(event.creator)) ?? []), event])
  const lines = ['digraph gossip {', '  rankdir=BT; node [shape=box, fontsize=9]; edge [arrowsize=0.4]']
  for (const [name, own] of [...byCreator].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))) {
    lines.push(`  subgraph "cluster ${name}" { label="${name}"`)
    for (const event of own)
      lines.push(`    "${event.id.slice(0, 12)}" [label="${labelOf(event, name)}"${fillOf(event)}]`)
    lines.push('  }')
  }
  for (const event of shown) {
    if (event.selfParent !== null && ids.has(event.selfParent))
      lines.push(`  "${event.id.slice(0, 12)}" -> "${event.selfParent.slice(0, 12)}" [weight=10, penwidth=2]`)
    for (const parent of event.otherParents)
      if (ids.has(parent)) lines.push(`  "${event.id.slice(0, 12)}" -> "${parent.slice(0, 12)}" [color=gray]`)
  }
  lines.push('}')
  return `${lines.join('\n')}\n`
}

function labelOf(event: GossipEvent, name: string): string {
  const said: string[] = event.body.observations.map((observation) => observation.kind)
  if (event.body.transactions.length > 0) said.unshift(`${event.body.transactions.length} tx`)
  return [`${name}_${event.seq}`, `block ${event.attest.height}`, ...said].join('\\n')
}

const fillOf = ({ body }: GossipEvent) =>
  body.transactions.length > 0
    ? ', style=filled, fillcolor=lightyellow'
    : body.observations.length > 0
      ? ', style=filled, fillcolor=lightblue'
      : ''
