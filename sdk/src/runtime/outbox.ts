/**
 * What is sent to each peer, in order, though events may have to be read from the store first. What waits is ids: of
 * events, one message's are in memory at a time for each peer.
 */
import type { EventId, PeerId } from '../core/gossip/event.ts'
import type { LinkStatement, SignedLinks } from '../core/gossip/topology.ts'
import type { OutgoingMessage } from '../core/io.ts'
import type { PeerMessage, SealedEvent } from '../wire/index.ts'
import type { LinksMessage } from './vouching.ts'

export interface OutboxOptions {
  /** Undefined where it has to be read. */
  readonly sealed: (id: EventId) => SealedEvent | undefined
  /** A statement of links, signed. */
  readonly vouched: (statement: LinkStatement | SignedLinks) => LinksMessage
  readonly load: (ids: readonly EventId[]) => Promise<readonly SealedEvent[]>
  readonly send: (to: PeerId, message: PeerMessage) => void
  /** So much waits that the rest was dropped: what this peer holds is to be asked anew. */
  readonly overrun: (peer: PeerId) => void
  readonly failed: (error: unknown) => void
}

export interface Outbox {
  put(to: PeerId, message: OutgoingMessage): void
  /** At once or never: what has to be read is left out. */
  putNow(to: PeerId, message: OutgoingMessage): void
  /** The peer is gone, with all that waits for it. */
  drop(peer: PeerId): void
  settled(): Promise<void>
  stop(): void
}

/** Messages that wait for one peer. It gets no more by asking faster than it is answered. */
const WAITING_MAX = 256

type EventsMessage = Extract<PeerMessage, { kind: 'events' }>
type EventsToSend = Extract<OutgoingMessage, { kind: 'events' }>

export function createOutbox({ sealed, vouched, load, send, overrun, failed }: OutboxOptions): Outbox {
  const queues = new Map<PeerId, OutgoingMessage[]>()
  const draining = new Set<Promise<void>>()
  let isStopped = false
  // Mostly the next peer gets the same, and as one and the same message it is encoded once.
  let last: EventsMessage | null = null

  /** Null where something has to be read. */
  function atHand(message: OutgoingMessage): PeerMessage | null {
    return message.kind === 'events' ? eventsAtHand(message) : withoutEvents(message)
  }

  function withoutEvents(message: Exclude<OutgoingMessage, EventsToSend>): PeerMessage {
    return message.kind === 'links' ? vouched(message.statement) : message
  }

  function eventsAtHand(message: EventsToSend): EventsMessage | null {
    if (last && isSame(last, message)) return last
    const events = message.events.map(sealed)
    if (!events.every((event) => event !== undefined)) return null
    last = { ...message, events }
    return last
  }

  async function drain(to: PeerId, queue: OutgoingMessage[]): Promise<void> {
    for (let next = queue[0]; next && !isStopped && queues.get(to) === queue; next = queue[0]) {
      const message =
        next.kind === 'events'
          ? (eventsAtHand(next) ?? { ...next, events: await load(next.events) })
          : withoutEvents(next)
      if (isStopped || queues.get(to) !== queue) return
      queue.shift()
      send(to, message)
    }
    if (queues.get(to) === queue) queues.delete(to)
  }

  return {
    put(to, message) {
      const waiting = queues.get(to)
      const ready = waiting ? null : atHand(message)
      if (ready) return send(to, ready)
      if (waiting && waiting.length >= WAITING_MAX) {
        queues.delete(to)
        return overrun(to)
      }
      if (waiting) return void waiting.push(message)
      const queue = [message]
      queues.set(to, queue)
      const task = drain(to, queue)
        .catch(failed)
        .finally(() => void draining.delete(task))
      draining.add(task)
    },
    putNow(to, message) {
      const ready = atHand(message)
      if (ready) send(to, ready)
    },
    drop: (peer) => void queues.delete(peer),
    async settled() {
      while (draining.size > 0) await Promise.all(draining)
    },
    stop() {
      isStopped = true
      queues.clear()
    },
  }
}

function isSame({ events, more }: EventsMessage, message: EventsToSend): boolean {
  return (
    more === message.more &&
    events.length === message.events.length &&
    events.every(({ event }, i) => event.id === message.events[i])
  )
}
