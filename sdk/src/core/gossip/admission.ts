/** Whether an event is well-formed, and where events wait for their parents. Imports the core only. */

import type { Rejection } from '../io.ts'
import type { Ordering } from '../section/ordering.ts'
import type { EventId, GossipEvent, PeerId } from './event.ts'
import type { Vertex } from './graph.ts'

/** At most so many other-parents in one event. */
export const MAX_OTHER_PARENTS = 64
/** At most so many events wait for parents, and so many of them on account of one sender. */
export const MAX_WAITING = 8192
export const MAX_WAITING_PER_SENDER = 2048

/**
 * Why an event whose parents are all in the graph must not enter it; null if it may. A function of the event's
 * ancestry alone, so that every correct peer refuses the same events.
 */
export function illFormed(ordering: Ordering, sectionId: string, event: GossipEvent): Rejection['reason'] | null {
  const { graph } = ordering
  if (event.sectionId !== sectionId) return 'wrongSection'
  // An outsider must not make us find out what was decided at parents of its choice. Whoever is a member there is known here.
  if (!wasEverMember(ordering, event.creator)) return 'notAMember'
  if (event.otherParents.length > MAX_OTHER_PARENTS) return 'tooManyOtherParents'
  const selfParent = event.selfParent === null ? null : (graph.find(event.selfParent) as Vertex)
  if (selfParent && graph.creators[selfParent.creator] !== event.creator) return 'wrongSelfParent'
  if (event.seq !== (selfParent ? selfParent.seq + 1 : 0)) return 'wrongSequence'
  const others = event.otherParents.map((id) => graph.find(id) as Vertex)
  const parents = selfParent ? [selfParent, ...others] : others
  const state = ordering.stateBefore(parents)
  if (!state.members.has(event.creator)) return state.memberSince.has(event.creator) ? 'removed' : 'notAMember'
  return null
}

function wasEverMember({ state }: Ordering, peer: PeerId): boolean {
  return state.members.has(peer) || state.memberSince.has(peer)
}

interface Waiting {
  readonly event: GossipEvent
  /** Everybody who sent it: each holds its parents, or is not correct. */
  readonly senders: Set<PeerId>
}

export interface WaitingEvent {
  readonly event: GossipEvent
  readonly from: PeerId
}

/**
 * Events wait here for their parents. A correct peer sends nothing before it holds its ancestry, so each sender is
 * asked for what its own events lack, and junk that nobody can complete costs its sender's places only.
 */
export interface WaitingRoom {
  /** Keeps an event until its parents are there; false if its sender has no place left. */
  add(event: GossipEvent, from: PeerId): boolean
  has(id: EventId): boolean
  /** Takes out the events whose last missing parent this was, in order of arrival. */
  release(id: EventId): WaitingEvent[]
  /** Senders of waiting events. */
  senders(): readonly PeerId[]
  /** Ancestors, here unknown, of what this sender's events wait for; at most `most`. */
  missingFrom(sender: PeerId, most: number): EventId[]
  /** Takes out everything that waits for this event, directly or not. */
  discardDescendants(id: EventId): WaitingEvent[]
  /** Takes out what this sender alone sent. */
  discardFrom(sender: PeerId): WaitingEvent[]
  readonly size: number
}

export function createWaitingRoom(isKnown: (id: EventId) => boolean): WaitingRoom {
  const waiting = new Map<EventId, Waiting>()
  const children = new Map<EventId, Set<EventId>>()
  const bySender = new Map<PeerId, Set<EventId>>()

  function take(id: EventId): WaitingEvent | undefined {
    const entry = waiting.get(id)
    if (!entry) return undefined
    waiting.delete(id)
    for (const parent of parentIds(entry.event)) deleteFrom(children, parent, id)
    for (const sender of entry.senders) deleteFrom(bySender, sender, id)
    return { event: entry.event, from: entry.senders.values().next().value as PeerId }
  }

  return {
    add(event, from) {
      if (waiting.size >= MAX_WAITING || (bySender.get(from)?.size ?? 0) >= MAX_WAITING_PER_SENDER) return false
      addTo(bySender, from, event.id)
      const known = waiting.get(event.id)
      if (known) {
        known.senders.add(from)
        return true
      }
      waiting.set(event.id, { event, senders: new Set([from]) })
      for (const parent of parentIds(event)) if (!isKnown(parent)) addTo(children, parent, event.id)
      return true
    },
    has: (id) => waiting.has(id),
    release(id) {
      const ready = [...(children.get(id) ?? [])].filter((child) => {
        const entry = waiting.get(child)
        return entry && parentIds(entry.event).every(isKnown)
      })
      return ready.flatMap((child) => take(child) ?? [])
    },
    senders: () => [...bySender.keys()],
    missingFrom(sender, most) {
      const missing = new Set<EventId>()
      const visited = new Set<EventId>()
      const open = [...(bySender.get(sender) ?? [])]
      for (let id = open.pop(); id !== undefined && missing.size < most; id = open.pop()) {
        const entry = waiting.get(id)
        if (!entry || visited.has(id)) continue
        visited.add(id)
        for (const parent of parentIds(entry.event)) {
          if (waiting.has(parent)) open.push(parent)
          else if (!isKnown(parent)) missing.add(parent)
        }
      }
      return [...missing].slice(0, most)
    },
    discardDescendants(id) {
      const discarded: WaitingEvent[] = []
      const open = [...(children.get(id) ?? [])]
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        open.push(...(children.get(next) ?? []))
        const entry = take(next)
        if (entry) discarded.push(entry)
      }
      return discarded
    },
    discardFrom(sender) {
      const discarded: WaitingEvent[] = []
      for (const id of [...(bySender.get(sender) ?? [])]) {
        const entry = waiting.get(id) as Waiting
        entry.senders.delete(sender)
        if (entry.senders.size > 0) continue
        entry.senders.add(sender)
        discarded.push(take(id) as WaitingEvent)
      }
      bySender.delete(sender)
      return discarded
    },
    get size() {
      return waiting.size
    },
  }
}

function parentIds(event: GossipEvent): readonly EventId[] {
  return event.selfParent === null ? event.otherParents : [event.selfParent, ...event.otherParents]
}

function addTo<Key, Value>(sets: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const set = sets.get(key)
  if (set) set.add(value)
  else sets.set(key, new Set([value]))
}

function deleteFrom<Key, Value>(sets: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const set = sets.get(key)
  set?.delete(value)
  if (set?.size === 0) sets.delete(key)
}
