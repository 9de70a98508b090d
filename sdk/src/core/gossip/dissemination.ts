/**
 * Who is told what. Imports the core only.
 *
 * Every event goes from its creator to every connected peer at once; where a pair has no connection, one common
 * neighbour relays. Per peer we keep no queue, only the heights that it is known or about to hold: what it lacks is
 * the difference, asked for by its `tips` and answered in pieces, at its own speed.
 */
import type { OutgoingMessage } from '../io.ts'
import { join } from '../section/batch.ts'
import type { Ordering } from '../section/ordering.ts'
import type { EventId, GossipEvent, PeerId } from './event.ts'
import type { Vertex } from './graph.ts'
import { createTopology, type SignedLinks } from './topology.ts'

/** Most events in one message, and most bytes of transactions after which no further event is added to it. */
export const MAX_EVENTS_PER_MESSAGE = 256
export const MAX_MESSAGE_BYTES = 1 << 20
/** Most ids in a `tips` or `want` message. */
export const MAX_IDS_PER_MESSAGE = 1024

/** How long another relay may take before we tell a neighbour what we hold ourselves, in one-way delays. */
const REMINDER_DELAYS = 6

type Send = (to: PeerId, message: OutgoingMessage) => void

interface Neighbour {
  /** Per branch: what has been sent to it in answer to its `want`s, without gaps. */
  filled: number[]
  /** Per branch: what it holds, or is on its way to it. */
  known: number[]
}

export interface Dissemination {
  peerUp(peer: PeerId, nowMs: number): void
  peerDown(peer: PeerId, nowMs: number): void
  /**
   * Who should have heard of something from another relay is told our heads after a while: that one may keep silent.
   * Answers with the time at which that will be; null: nobody.
   */
  remind(nowMs: number): number | null
  /** Tells whoever has to hear of it from us, if we push; `from` is null for own events. */
  announce(vertex: Vertex, event: GossipEvent, from: PeerId | null): void
  /** Neighbours that, as far as we know, lack something. */
  behind(): readonly PeerId[]
  /** Sends everything that the peer lacks. */
  sync(to: PeerId): void
  onTips(from: PeerId, tips: readonly EventId[]): void
  onWant(from: PeerId, ids: readonly EventId[], tips: readonly EventId[]): void
  onLinks(from: PeerId, statement: SignedLinks): void
  sendTips(to: PeerId): void
  /** Tells all neighbours whom we are connected to, so that they know what they have to relay to us. */
  shareLinks(nowMs: number): void
  /** Asks for these events, or with none named for all that we lack. */
  want(from: PeerId, ids: readonly EventId[]): void
  readonly neighbours: readonly PeerId[]
  isConnected(peer: PeerId): boolean
  /** Connected to us, or to one that is in reach. */
  isReachable(peer: PeerId): boolean
}

export function createDissemination(
  self: PeerId,
  ordering: Ordering,
  /** Of an event's transactions. */
  bytesOf: (vertex: Vertex) => number,
  send: Send,
  pushes: boolean,
  delayMs: () => number,
): Dissemination {
  const { graph } = ordering
  const neighbours = new Map<PeerId, Neighbour>()
  const topology = createTopology(self, (peer) => ordering.state.members.has(peer))
  // When to tell a neighbour our heads; null: not set yet.
  const reminders = new Map<PeerId, number | null>()

  function tipIds(): EventId[] {
    return [...graph.tips()]
      .sort((a, b) => b.index - a.index)
      .slice(0, MAX_IDS_PER_MESSAGE)
      .map((tip) => ordering.idOf(tip))
  }

  function heightsOf(ids: readonly EventId[]): number[] {
    return join(ids.flatMap((id) => [graph.find(id)?.highest ?? []]))
  }

  /** Sends, oldest first, what is up to these heights and not known to the peer. */
  function fill(to: PeerId, neighbour: Neighbour, upTo: (vertex: Vertex) => boolean): void {
    const lacking: Vertex[] = []
    for (const [b, branch] of graph.branches.entries()) {
      const from = Math.max(0, (neighbour.known[b] ?? -1) + 1 - branch.start)
      for (let i = from; i < branch.vertices.length; i++) {
        const vertex = branch.vertices[i] as Vertex
        if (upTo(vertex)) lacking.push(vertex)
        else break
      }
    }
    if (lacking.length === 0) return
    lacking.sort((a, b) => a.index - b.index)
    const events: EventId[] = []
    let bytes = 0
    const filled: number[] = graph.branches.map(() => -1)
    for (const vertex of lacking) {
      if (events.length >= MAX_EVENTS_PER_MESSAGE || bytes >= MAX_MESSAGE_BYTES) break
      events.push(ordering.idOf(vertex))
      bytes += bytesOf(vertex)
      raise(neighbour.known, vertex.highest)
      filled[vertex.branch] = vertex.seq
    }
    raise(neighbour.filled, filled)
    send(to, { kind: 'events', events, more: events.length < lacking.length })
  }

  function shareLinks(nowMs: number): void {
    const message = { kind: 'links', statement: topology.own(nowMs) } as const
    for (const to of neighbours.keys()) send(to, message)
    passOnLinks()
  }

  function passOnLinks(): void {
    for (const to of neighbours.keys()) {
      for (const statement of topology.owedTo(to)) send(to, { kind: 'links', statement })
    }
  }

  function sendTips(to: PeerId): void {
    send(to, { kind: 'tips', tips: tipIds() })
  }

  function want(from: PeerId, ids: readonly EventId[]): void {
    send(from, { kind: 'want', ids: ids.slice(0, MAX_IDS_PER_MESSAGE), tips: tipIds() })
  }

  return {
    peerUp(peer, nowMs) {
      neighbours.set(peer, { known: [], filled: [] })
      topology.up(peer)
      sendTips(peer)
      shareLinks(nowMs)
    },
    peerDown(peer, nowMs) {
      if (!neighbours.delete(peer)) return
      topology.down(peer)
      shareLinks(nowMs)
    },
    announce(vertex, event, from) {
      if (from !== null) {
        const source = neighbours.get(from)
        if (source) raise(source.known, vertex.highest)
      }
      if (!pushes) return
      for (const [peer, neighbour] of neighbours) {
        if (peer === from || peer === event.creator) continue
        if ((neighbour.known[vertex.branch] ?? -1) >= vertex.seq) continue
        // Whoever is missed for want of knowledge fetches the event as the parent of a later one.
        if (from !== null && !topology.isRelay(event.creator, peer)) {
          if (topology.linksOf(peer)?.has(event.creator) === false) reminders.set(peer, null)
          continue
        }
        send(peer, { kind: 'events', events: [event.id], more: false })
        raise(neighbour.known, vertex.highest)
      }
    },
    remind(nowMs) {
      let next: number | null = null
      for (const [peer, dueMs] of reminders) {
        const due = dueMs ?? nowMs + REMINDER_DELAYS * delayMs()
        if (due <= nowMs || !neighbours.has(peer)) {
          reminders.delete(peer)
          if (neighbours.has(peer)) sendTips(peer)
        } else {
          reminders.set(peer, due)
          next = Math.min(next ?? due, due)
        }
      }
      return next
    },
    behind() {
      const isBehind = ({ known }: Neighbour) =>
        graph.branches.some(({ start, vertices }, b) => (known[b] ?? -1) < start + vertices.length - 1)
      return [...neighbours].flatMap(([peer, neighbour]) => (isBehind(neighbour) ? peer : []))
    },
    sync(to) {
      const neighbour = neighbours.get(to)
      if (neighbour) fill(to, neighbour, () => true)
    },
    onTips(from, tips) {
      const neighbour = neighbours.get(from)
      if (neighbour) raise(neighbour.known, heightsOf(tips))
    },
    onWant(from, ids, tips) {
      const neighbour = neighbours.get(from)
      if (!neighbour) return
      const wanted = heightsOf(ids)
      // Who names what it lacks has lost it, whatever we sent; else what was sent is on its way.
      neighbour.known = ids.length > 0 ? heightsOf(tips) : join([heightsOf(tips), neighbour.filled])
      fill(from, neighbour, (vertex) => ids.length === 0 || vertex.seq <= (wanted[vertex.branch] ?? -1))
    },
    onLinks(from, statement) {
      const before = topology.linksOf(from)
      topology.learn(from, statement)
      const links = topology.linksOf(from)
      // It may have missed what came by while we did not know, or it did not, that we have to relay.
      if (links && (!before || [...before].some((peer) => !links.has(peer)))) sendTips(from)
      passOnLinks()
    },
    sendTips,
    shareLinks,
    want,
    get neighbours() {
      return [...neighbours.keys()]
    },
    isConnected: (peer) => neighbours.has(peer),
    isReachable: topology.isReachable,
  }
}

/** Lifts the heights in place to those of the other vector. */
function raise(heights: number[], other: ArrayLike<number>): void {
  for (let b = 0; b < other.length; b++) {
    const seq = other[b] as number
    if (b >= heights.length) heights.push(seq)
    else if (seq > (heights[b] as number)) heights[b] = seq
  }
}
