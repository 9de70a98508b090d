/** All small graphs: every way in which a graph can go on, up to a number of events. Imports test helpers and core types. */
import type { EventContent, EventId, GossipEvent, PeerId } from '../src/core/gossip/event.ts'
import type { Hashing } from '../src/core/io.ts'
import { defaultTimeMs } from './notation.ts'

export interface Growth {
  readonly hashing: Hashing
  readonly creators: readonly PeerId[]
  /** May create a second event with the same self-parent. */
  readonly forkers: readonly PeerId[]
  /** How many events are added. */
  readonly events: number
  /** Other-parents: any event, or the last ones of each creator only. */
  readonly merges: 'any' | 'heads'
}

/** Every graph that adds so many empty events to `prefix`, once each. In a topological order. */
export function* continuations(prefix: readonly GossipEvent[], growth: Growth): Generator<readonly GossipEvent[]> {
  let graphs: ReadonlyMap<string, readonly GossipEvent[]> = new Map([['', prefix]])
  for (let count = 1; count <= growth.events; count++) {
    const next = new Map<string, readonly GossipEvent[]>()
    for (const graph of graphs.values())
      for (const event of nextEvents(graph, growth)) {
        const added = [...graph.slice(prefix.length), event]
        const key = added
          .map(({ id }) => id)
          .sort()
          .join('')
        if (!next.has(key)) next.set(key, [...graph, event])
      }
    graphs = next
  }
  yield* graphs.values()
}

function nextEvents(graph: readonly GossipEvent[], growth: Growth): GossipEvent[] {
  const byId = new Map(graph.map((event) => [event.id, event]))
  const sectionId = graph[0]?.sectionId ?? ''
  const isHead = (a: GossipEvent) => !graph.some((b) => b.selfParent === a.id)
  return growth.creators.flatMap((creator) => {
    const own = graph.filter((event) => event.creator === creator)
    const selfParents = growth.forkers.includes(creator) ? own : own.filter(isHead)
    return selfParents.flatMap((self) => {
      const known = ancestors(self.id, byId)
      const choices = growth.creators
        .filter((peer) => peer !== creator)
        .map((peer) => graph.filter((event) => event.creator === peer && !known.has(event.id)))
        .map((events) => (growth.merges === 'heads' ? events.filter(isHead) : events))
      return products(choices).flatMap((others) => {
        const content: EventContent = {
          ...{ sectionId, creator, seq: self.seq + 1, selfParent: self.id, otherParents: others.map(({ id }) => id) },
          createdAtMs: defaultTimeMs(self.seq + 1, 0),
          attest: { height: 0, blockHash: sectionId },
          body: { transactions: [], observations: [] },
        }
        const event = { ...content, id: growth.hashing.event(content) }
        return byId.has(event.id) ? [] : [event]
      })
    })
  })
}

/** At most one from each list. */
function products<T>(lists: readonly (readonly T[])[]): T[][] {
  const [first, ...rest] = lists
  if (!first) return [[]]
  const tails = products(rest)
  return [...tails, ...first.flatMap((item) => tails.map((tail) => [item, ...tail]))]
}

function ancestors(id: EventId, byId: ReadonlyMap<EventId, GossipEvent>, known = new Set<EventId>()): Set<EventId> {
  if (known.has(id)) return known
  known.add(id)
  const event = byId.get(id)
  for (const parent of [event?.selfParent, ...(event?.otherParents ?? [])]) if (parent) ancestors(parent, byId, known)
  return known
}
