/**
 * The way of a received event into the graph: known, refused, waiting for its parents, or inserted with all that waited
 * for it. Imports the core only.
 */
import type { Rejection } from '../io.ts'
import { createWaitingRoom } from './admission.ts'
import type { EventId, GossipEvent, PeerId } from './event.ts'

export interface IntakeOptions {
  readonly self: PeerId
  readonly sectionId: string
  readonly isKnown: (id: EventId) => boolean
  /** Why an event whose parents are known must not be inserted; null if it may. */
  readonly illFormed: (event: GossipEvent) => Rejection['reason'] | null
  readonly insert: (event: GossipEvent, from: PeerId | null) => void
  readonly reject: (rejection: Rejection) => void
  readonly want: (from: PeerId, ids: readonly EventId[]) => void
  readonly isConnected: (peer: PeerId) => boolean
  readonly delayMs: () => number
}

export interface Intake {
  receive(from: PeerId, event: GossipEvent): void
  /** From the own store, where an event's parents stand before it unless they were lost. */
  restore(event: GossipEvent): void
  /** Whether it waits here for its parents. */
  isWaiting(id: EventId): boolean
  /** Whether it is here, waiting or refused: nobody has to be asked for it. */
  isSettled(id: EventId): boolean
  /** Asks for missing parents when it is time; answers with the time at which it will be again. */
  fetch(nowMs: number): number | null
  peerDown(peer: PeerId): void
  readonly waiting: number
}

const MAX_REFUSED_IDS = 4096
const MAX_FETCHED_IDS = 256
/** How often a sender is asked for parents, without one of its events becoming complete, before these are dropped. */
const MAX_FETCH_ATTEMPTS = 5
const LONGEST_PAUSE_MS = 300_000

export function createIntake(options: IntakeOptions): Intake {
  const { self, sectionId, isKnown, reject } = options
  const waiting = createWaitingRoom(isKnown)
  const refused = new Set<EventId>()
  // Per sender of events that wait: when its parents were asked for last, and how often in vain.
  const fetches = new Map<PeerId, { readonly askedMs: number; readonly attempts: number }>()
  // Per sender, what was dropped for want of parents: to be asked for again, more and more rarely.
  const dropped = new Map<PeerId, { ids: readonly EventId[]; dueMs: number; pauseMs: number }>()

  function refuse(event: GossipEvent, from: PeerId | null, reason: Rejection['reason']): void {
    reject({ event: event.id, from, reason })
    remember(event.id)
    for (const child of waiting.discardDescendants(event.id)) {
      reject({ event: child.event.id, from: child.from, reason: 'refusedParent' })
      remember(child.event.id)
    }
  }

  /** So that what was refused once is neither judged nor fetched again; the oldest are forgotten first. */
  function remember(id: EventId): void {
    refused.add(id)
    if (refused.size > MAX_REFUSED_IDS) refused.delete(refused.values().next().value as EventId)
  }

  function accept(first: GossipEvent, from: PeerId | null): void {
    const open: { event: GossipEvent; from: PeerId | null }[] = [{ event: first, from }]
    for (let next = open.shift(); next; next = open.shift()) {
      const { event } = next
      if (isKnown(event.id)) continue
      const reason = options.illFormed(event)
      if (reason) {
        refuse(event, next.from, reason)
        continue
      }
      options.insert(event, next.from)
      for (const released of waiting.release(event.id)) {
        fetches.delete(released.from)
        open.push(released)
      }
    }
  }

  function drop(sender: PeerId): readonly EventId[] {
    fetches.delete(sender)
    const discarded = waiting.discardFrom(sender)
    for (const { event, from } of discarded) reject({ event: event.id, from, reason: 'missingParents' })
    return discarded.map(({ event }) => event.id)
  }

  /** Its answers may only have been slow. */
  function dropForNow(sender: PeerId, nowMs: number): void {
    const pauseMs = Math.min(
      LONGEST_PAUSE_MS,
      2 * (dropped.get(sender)?.pauseMs ?? Math.max(500, 20 * options.delayMs())),
    )
    dropped.set(sender, { ids: drop(sender).slice(-MAX_FETCHED_IDS), dueMs: nowMs + pauseMs, pauseMs })
  }

  function askAgain(sender: PeerId, nowMs: number): number | null {
    const entry = dropped.get(sender)
    if (!entry) return null
    const ids = entry.ids.filter((id) => !isKnown(id))
    if (ids.length === 0) return null
    if (nowMs < entry.dueMs) return entry.dueMs
    options.want(sender, ids)
    dropped.set(sender, { ...entry, ids: [] })
    return null
  }

  /**
   * Parents usually come by themselves, from their creators; after a delay's patience whoever sent the child is asked
   * for them. What a sender cannot complete is dropped: if it matters, it comes again with somebody's later event.
   */
  function fetchFrom(sender: PeerId, nowMs: number): number | null {
    const delayMs = options.delayMs()
    const last = fetches.get(sender) ?? { askedMs: nowMs, attempts: 0 }
    fetches.set(sender, last)
    const patienceMs = last.attempts === 0 ? Math.max(5, delayMs) : Math.max(100, 4 * delayMs)
    if (nowMs - last.askedMs < patienceMs) return last.askedMs + patienceMs
    if (!options.isConnected(sender)) {
      drop(sender)
      return null
    }
    if (last.attempts >= MAX_FETCH_ATTEMPTS) {
      dropForNow(sender, nowMs)
      return null
    }
    options.want(sender, waiting.missingFrom(sender, MAX_FETCHED_IDS))
    fetches.set(sender, { askedMs: nowMs, attempts: last.attempts + 1 })
    return nowMs + Math.max(100, 4 * delayMs)
  }

  return {
    receive(from, event) {
      if (isKnown(event.id)) return
      const parents = parentIds(event)
      if (event.sectionId !== sectionId) refuse(event, from, 'wrongSection')
      else if (parents.some((id) => refused.has(id))) refuse(event, from, 'refusedParent')
      else if (parents.every(isKnown)) accept(event, from)
      else if (!waiting.add(event, from) && !waiting.has(event.id)) {
        reject({ event: event.id, from, reason: 'tooManyWaiting' })
      }
    },
    restore(event) {
      if (parentIds(event).every(isKnown)) accept(event, null)
      else waiting.add(event, self)
    },
    isWaiting: (id) => waiting.has(id),
    isSettled: (id) => isKnown(id) || waiting.has(id) || refused.has(id),
    fetch(nowMs) {
      const senders = waiting.senders()
      for (const sender of fetches.keys()) if (!senders.includes(sender)) fetches.delete(sender)
      const fetched = senders.map((sender) => fetchFrom(sender, nowMs))
      const again = [...dropped.keys()].map((sender) => askAgain(sender, nowMs))
      const times = [...fetched, ...again].filter((time) => time !== null)
      return times.length > 0 ? Math.min(...times) : null
    },
    peerDown: (peer) => {
      drop(peer)
      dropped.delete(peer)
    },
    get waiting() {
      return waiting.size
    },
  }
}

function parentIds(event: GossipEvent): readonly EventId[] {
  return event.selfParent === null ? event.otherParents : [event.selfParent, ...event.otherParents]
}
