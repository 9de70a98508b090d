/**
 * Reference model: descending, forks, seeing. Sets of events, one definition per function, nothing clever. Written from
 * the protocol's text alone, to be compared with the core; it imports nothing of the core but types.
 */
import type { EventId, GossipEvent, PeerId } from '../../src/core/gossip/event.ts'

/** Remembers a function of one key. Every function remembered here depends on the key's ancestry alone. */
export function memo<K, V>(compute: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>()
  return (key) => {
    if (!known.has(key)) known.set(key, compute(key))
    return known.get(key) as V
  }
}

/** The same for two keys. */
export function memo2<A, B, V>(compute: (a: A, b: B) => V): (a: A, b: B) => V {
  const row = memo((a: A) => memo((b: B) => compute(a, b)))
  return (a, b) => row(a)(b)
}

/** supermajority: 3x > 2n. At least a third: 3x >= n. */
export const isSupermajority = (x: number, n: number): boolean => 3 * x > 2 * n
export const isAtLeastOneThird = (x: number, n: number): boolean => 3 * x >= n

export type Ancestry = ReturnType<typeof createAncestry>

export function createAncestry() {
  const events = new Map<EventId, GossipEvent>()

  /** Parents come before their children. */
  function add(event: GossipEvent): void {
    for (const parent of parentIds(event)) if (!events.has(parent)) throw new Error('a parent is missing')
    events.set(event.id, event)
  }

  const parentIds = (event: GossipEvent) => [...(event.selfParent ? [event.selfParent] : []), ...event.otherParents]
  const get = (id: EventId) => events.get(id) as GossipEvent
  const parents = (event: GossipEvent) => parentIds(event).map(get)
  const selfParent = (event: GossipEvent) => (event.selfParent === null ? null : get(event.selfParent))

  /** The event itself and all its ancestors. */
  const ancestors = memo((x: GossipEvent): ReadonlySet<GossipEvent> => {
    const all = new Set([x])
    for (const parent of parents(x)) for (const ancestor of ancestors(parent)) all.add(ancestor)
    return all
  })

  /** x descends from y: y is x or an ancestor of x. */
  const descends = (x: GossipEvent, y: GossipEvent) => ancestors(x).has(y)

  /** x and the chain of its self-parents. */
  const selfAncestors = memo((x: GossipEvent): ReadonlySet<GossipEvent> => {
    const parent = selfParent(x)
    return new Set([x, ...(parent ? selfAncestors(parent) : [])])
  })

  /** The events by one creator among the ancestors of x, in the order of their sequence numbers. */
  const ancestorsBy = memo2((x: GossipEvent, creator: PeerId): readonly GossipEvent[] =>
    [...ancestors(x)].filter((event) => event.creator === creator).sort((a, b) => a.seq - b.seq),
  )

  /** Two events of one creator are a fork if neither is a self-ancestor of the other. */
  const isFork = (a: GossipEvent, b: GossipEvent) =>
    a.creator === b.creator && !selfAncestors(a).has(b) && !selfAncestors(b).has(a)

  /** x knows a fork by c when it descends from both sides. */
  const knowsFork = memo2((x: GossipEvent, creator: PeerId): boolean => {
    const own = ancestorsBy(x, creator)
    return own.some((a) => own.some((b) => isFork(a, b)))
  })

  /** x sees y: x descends from y and knows no fork by y's creator. */
  const sees = (x: GossipEvent, y: GossipEvent) => descends(x, y) && !knowsFork(x, y.creator)

  /** Everybody who has created an event that x sees and that sees y. */
  const seenThrough = memo2((x: GossipEvent, y: GossipEvent): ReadonlySet<PeerId> => {
    const between = [...ancestors(x)].filter((z) => sees(z, y) && sees(x, z))
    return new Set(between.map((z) => z.creator))
  })

  /** x strongly sees y: x is not y, and more than 2/3 of the voters have created an event that x sees and that sees y. */
  function stronglySees(x: GossipEvent, y: GossipEvent, voters: readonly PeerId[]): boolean {
    const through = voters.filter((voter) => seenThrough(x, y).has(voter))
    return x !== y && isSupermajority(through.length, voters.length)
  }

  /** p's last event in the ancestry of x; none if x knows a fork by p. */
  const tip = (x: GossipEvent, p: PeerId): GossipEvent | null =>
    knowsFork(x, p) ? null : (ancestorsBy(x, p).at(-1) ?? null)

  return {
    ...{ add, get, events, parents, selfParent, selfAncestors, ancestors, ancestorsBy },
    ...{ descends, isFork, knowsFork, sees, stronglySees, tip },
  }
}
