/** A gossip graph as DOT, Graphviz's language: one column per member, time upwards. */
import type { InspectedGraph, PeerId } from '../index.ts'
import { type EventKind, explain, type KnownEvent, kindOf } from './kinds.ts'
import { knownEvents } from './known-events.ts'

/** An event as it is drawn. */
export interface DotEvent {
  /** Unique in the graph. */
  readonly id: string
  readonly column: string
  /** Ids; those that are not drawn are left out. */
  readonly selfParent: string | null
  readonly otherParents: readonly string[]
  readonly lines: readonly string[]
  readonly fill?: string
  readonly border?: string
  /** What is shown under the pointer. */
  readonly tooltip?: string
}

/** Columns are in order of their names, as numbers where they are. */
export function toDot(events: readonly DotEvent[]): string {
  const drawn = new Set(events.map(({ id }) => id))
  const columns = new Map<string, DotEvent[]>()
  for (const event of events) {
    const own = columns.get(event.column) ?? []
    columns.set(event.column, own)
    own.push(event)
  }
  const lines = ['digraph gossip {', '  rankdir=BT; node [shape=box, fontsize=10]; edge [arrowsize=0.5]']
  for (const [name, own] of [...columns].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))) {
    lines.push(`  subgraph ${quote(`cluster ${name}`)} { label=${quote(name)}`)
    for (const event of own) lines.push(`    ${quote(event.id)} [${attributes(event)}]`)
    lines.push('  }')
  }
  for (const { id, selfParent, otherParents } of events) {
    if (selfParent !== null && drawn.has(selfParent)) {
      lines.push(`  ${quote(selfParent)} -> ${quote(id)} [weight=10, penwidth=2]`)
    }
    for (const parent of otherParents) {
      if (drawn.has(parent)) lines.push(`  ${quote(parent)} -> ${quote(id)} [color=gray50]`)
    }
  }
  return [...lines, '}', ''].join('\n')
}

function attributes({ lines, fill, border, tooltip }: DotEvent): string {
  return [
    `label=${quote(lines.filter((line) => line !== '').join('\n'))}`,
    ...(fill === undefined ? [] : ['style=filled', `fillcolor=${quote(fill)}`]),
    ...(border === undefined ? [] : [`color=${quote(border)}`, 'penwidth=2']),
    ...(tooltip === undefined ? [] : [`tooltip=${quote(tooltip)}`]),
  ].join(', ')
}

const quote = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`

export interface GraphRange {
  /** Positions in the order of the graph, the first included, the last not; negative ones count from the end. */
  readonly events?: readonly [from: number, to: number]
  /** Events that take part in the elections of these blocks, both included. */
  readonly blocks?: readonly [from: number, to: number]
}

export interface GraphDotOptions extends GraphRange {
  /** Default: the key's first eight digits. */
  readonly nameOf?: (peer: PeerId) => string
}

/** A range of a graph, or all of it: colours tell interesting events, observers, votes and decisions, tooltips what each is. */
export function graphDot(graph: InspectedGraph, { nameOf = shortName, ...range }: GraphDotOptions = {}): string {
  const elections = new Map(graph.elections.map((election) => [election.number, election]))
  const words = { nameOf, electionOf: (number: number) => elections.get(number) }
  return toDot(within(knownEvents(graph), graph, range).map((known) => drawnAs(known, words)))
}

export const shortName = (peer: PeerId) => peer.slice(0, 8)

function within(
  all: readonly KnownEvent[],
  graph: InspectedGraph,
  { events, blocks }: GraphRange,
): readonly KnownEvent[] {
  const chosen = events ? all.slice(...events) : all
  if (!blocks) return chosen
  const [from, to] = blocks
  const wanted = new Set(
    graph.elections
      .filter(({ outcome, height }) => outcome === 'block' && height >= from && height <= to)
      .map(({ number }) => number),
  )
  return chosen.filter(({ roles }) => roles.some(({ election }) => wanted.has(election)))
}

const fills: Readonly<Record<EventKind, string>> = {
  fork: '#f8b4bd',
  decides: '#9fe0bd',
  observer: '#a9c8ff',
  voting: '#dbe7ff',
  interesting: '#ffd98a',
  carrier: '#fff3d1',
  plain: '#ffffff',
}

function drawnAs(known: KnownEvent, words: Parameters<typeof explain>[1]): DotEvent {
  const { event, finalIn } = known
  const kind = kindOf(known)
  const [, ...details] = explain(known, words)
  const decided = known.roles.findLast(({ decides }) => decides)
  const said = event.transactions > 0 ? `${event.transactions} tx${finalIn === null ? '' : ` → ${finalIn}`}` : ''
  return {
    id: event.id.slice(0, 16),
    column: words.nameOf(event.creator),
    selfParent: event.selfParent?.slice(0, 16) ?? null,
    otherParents: event.otherParents.map((id) => id.slice(0, 16)),
    lines: [
      `#${event.seq}`,
      said,
      event.votes.join(' '),
      kind === 'plain' || kind === 'carrier' ? '' : kind,
      decided ? `block ${words.electionOf(decided.election)?.height ?? '?'}` : '',
    ],
    fill: fills[kind],
    ...(kind === 'fork' ? { border: '#b00020' } : {}),
    tooltip: details.join('\n'),
  }
}
