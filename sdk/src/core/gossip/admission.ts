/** Whether an event is well-formed, and where events wait for their parents. Imports the core only. */

import type { Rejection } from '../io.ts'
import type { Ordering } from '../section/ordering.ts'
import type { EventId, GossipEvent, PeerId } from './event.ts'
import { isDescendantOf, type Vertex } from './graph.ts'

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
  if (event.otherParents.length > MAX_OTHER_PARENTS) return 'tooManyOtherParents'
  const selfParent = event.selfParent === null ? null : (graph.find(event.selfParent) as Vertex)
  if (selfParent && graph.creators[selfParent.creator] !== event.creator) return 'wrongSelfParent'
  if (event.seq !== (selfParent ? selfParent.seq + 1 : 0)) return 'wrongSequence'
  const others = event.otherParents.map((id) => graph.find(id) as Vertex)
  const creators = new Set(others.map((other) => other.creator))
  if (creators.size < others.length || others.some((other) => graph.creators[other.creator] === event.creator)) {
    return 'duplicateOtherParent'
  }
  if (selfParent && others.some((other) => isDescendantOf(selfParent, other))) return 'staleOtherParent'
  const parents = selfParent ? [selfParent, ...others] : others
  const decided = Math.max(0, ...parents.map((parent) => ordering.decidedElections(parent)))
  const state = ordering.rounds[decided]?.state
  if (!state?.members.has(event.creator)) return state?.memberSince.has(event.creator) ? 'removed' : 'notAMember'
  return null
}

interface Waiting {
  readonly event: GossipEvent
  readonly from: PeerId
}

export interface WaitingRoom {
  /** Keeps an event until its parents are there; false if there is no place left for it. */
  add(event: GossipEvent, from: PeerId, isKnown: (id: EventId) => boolean): boolean
  /** Takes out the events whose last missing parent this was, in order of arrival. */
  release(id: EventId, isKnown: (id: EventId) => boolean): Waiting[]
  has(id: EventId): boolean
  /** Parents that nobody has sent yet, at most `most`. */
  missing(isKnown: (id: EventId) => boolean, most: number): EventId[]
  /** Takes out everything that waits for this event, directly or not. */
  discard(id: EventId): Waiting[]
  readonly size: number
}

export function createWaitingRoom(): WaitingRoom {
  const waiting = new Map<EventId, Waiting>()
  const children = new Map<EventId, Set<EventId>>()
  const perSender = new Map<PeerId, number>()

  const parentsOf = (event: GossipEvent) =>
    event.selfParent === null ? event.otherParents : [event.selfParent, ...event.otherParents]

  function take(id: EventId): Waiting | undefined {
    const entry = waiting.get(id)
    if (!entry) return undefined
    waiting.delete(id)
    for (const parent of parentsOf(entry.event)) {
      const siblings = children.get(parent)
      siblings?.delete(id)
      if (siblings?.size === 0) children.delete(parent)
    }
    const left = (perSender.get(entry.from) ?? 1) - 1
    if (left === 0) perSender.delete(entry.from)
    else perSender.set(entry.from, left)
    return entry
  }

  return {
    add(event, from, isKnown) {
      const own = perSender.get(from) ?? 0
      if (waiting.size >= MAX_WAITING || own >= MAX_WAITING_PER_SENDER) return false
      waiting.set(event.id, { event, from })
      perSender.set(from, own + 1)
      for (const parent of parentsOf(event)) {
        if (isKnown(parent)) continue
        const siblings = children.get(parent)
        if (siblings) siblings.add(event.id)
        else children.set(parent, new Set([event.id]))
      }
      return true
    },
    release(id, isKnown) {
      const released: Waiting[] = []
      for (const child of [...(children.get(id) ?? [])]) {
        const entry = waiting.get(child)
        if (entry && parentsOf(entry.event).every(isKnown)) released.push(take(child) as Waiting)
      }
      return released
    },
    has: (id) => waiting.has(id),
    missing(isKnown, most) {
      const missing: EventId[] = []
      for (const parent of children.keys()) {
        if (missing.length >= most) break
        if (!waiting.has(parent) && !isKnown(parent)) missing.push(parent)
      }
      return missing
    },
    discard(id) {
      const discarded: Waiting[] = []
      const open = [...(children.get(id) ?? [])]
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        open.push(...(children.get(next) ?? []))
        const entry = take(next)
        if (entry) discarded.push(entry)
      }
      return discarded
    },
    get size() {
      return waiting.size
    },
  }
}
