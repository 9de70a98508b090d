/**
 * A network of transports inside one process, for tests and for several peers in one Node process. Links have a delay
 * and a throughput, and can be cut and healed. Deliveries happen in the order of their due times, then of sending:
 * with equal delays, or under fake timers, a run can be repeated exactly.
 */
import type { PeerId } from '../core/gossip/event.ts'
import {
  assertFrameSize,
  DRAINED_BYTES,
  MAX_BUFFERED_BYTES,
  type PeerDiagnostics,
  type PeerDownReason,
  type RefusalCode,
  type SignalingState,
  type Transport,
  type TransportDiagnostics,
  type TransportHandlers,
} from './port.ts'

export interface LinkConditions {
  /** One way, in milliseconds; a function is asked for every frame (frames of one link never overtake each other). */
  readonly delayMs?: number | (() => number)
  /** Default: infinite. */
  readonly bytesPerMs?: number
}

export interface MemoryNetwork {
  /** A peer that is there already is replaced: its former transport is told `duplicateIdentity` and stays alone. */
  join(peer: PeerId, handlers: TransportHandlers): Transport
  /** Applies to what is sent from now on, in both directions. */
  setConditions(a: PeerId, b: PeerId, conditions: LinkConditions): void
  /** Loses what is under way between the two; both get `peerDown` (`silent`). Holds for later joins, too. */
  cut(a: PeerId, b: PeerId): void
  /** Ends a cut, and what `disconnect` did; both get `peerUp`. */
  heal(a: PeerId, b: PeerId): void
}

/** One direction of a link that is up. */
interface Direction {
  readonly from: Host
  readonly to: Host
  queuedBytes: number
  full: boolean
  departMs: number
  arriveMs: number
  /** Frames under way are lost when the link goes down. */
  up: boolean
}

interface Host {
  readonly peer: PeerId
  readonly handlers: TransportHandlers
  readonly out: Map<PeerId, Direction>
  readonly statistics: Map<PeerId, { sent: number; received: number; drops: Map<string, number> }>
  readonly refusals: Map<RefusalCode, number>
  closed: boolean
}

interface Network {
  readonly hosts: Map<PeerId, Host>
  readonly conditions: Map<string, LinkConditions>
  readonly defaults: LinkConditions
  readonly cuts: Set<string>
  readonly agenda: Agenda
}

const SIGNALING_URL = 'memory:'

export const createMemoryNetwork = (defaults: LinkConditions = {}): MemoryNetwork => {
  const network: Network = {
    hosts: new Map(),
    conditions: new Map(),
    defaults,
    cuts: new Set(),
    agenda: createAgenda(),
  }
  const between = (a: PeerId, b: PeerId, act: (x: Host, y: Host) => void) => {
    const [x, y] = [network.hosts.get(a), network.hosts.get(b)]
    if (x && y) act(x, y)
  }
  return {
    join: (peer, handlers) => join(network, peer, handlers),
    setConditions: (a, b, conditions) => {
      network.conditions.set(pair(a, b), conditions)
      between(a, b, (x, y) => {
        if (x.out.has(b)) reportDelay(network, x, y)
      })
    },
    cut: (a, b) => {
      network.cuts.add(pair(a, b))
      between(a, b, (x, y) => separate(network, x, y, 'silent', 'silent'))
    },
    heal: (a, b) => {
      network.cuts.delete(pair(a, b))
      between(a, b, (x, y) => unite(network, x, y))
    },
  }
}

const pair = (a: PeerId, b: PeerId): string => (a < b ? `${a} ${b}` : `${b} ${a}`)

const conditionsOf = (network: Network, a: Host, b: Host): LinkConditions =>
  network.conditions.get(pair(a.peer, b.peer)) ?? network.defaults

const delayOf = ({ delayMs = 0 }: LinkConditions): number => (typeof delayMs === 'number' ? delayMs : delayMs())

/** Handlers run from the agenda only, hence never inside a call of the port's methods. */
const later = (network: Network, host: Host, delayMs: number, run: () => void): void =>
  network.agenda.at(performance.now() + delayMs, () => {
    if (!host.closed) run()
  })

const join = (network: Network, peer: PeerId, handlers: TransportHandlers): Transport => {
  const former = network.hosts.get(peer)
  const host: Host = { peer, handlers, out: new Map(), statistics: new Map(), refusals: new Map(), closed: false }
  if (former) displace(network, former)
  network.hosts.set(peer, host)
  for (const other of network.hosts.values()) {
    later(network, other, 0, () => other.handlers.signaling(signalingState(network)))
    if (other !== host) unite(network, host, other)
  }
  return {
    send: (to, frame) => send(network, host, to, frame),
    bufferedBytes: (to) => host.out.get(to)?.queuedBytes ?? 0,
    disconnect: (to, reason) => {
      const other = host.out.get(to)?.to
      if (!other) return
      network.cuts.add(pair(peer, to))
      separate(network, host, other, 'disconnected', 'dropped', reason)
    },
    peers: () => [...host.out.keys()].sort(),
    diagnostics: () => diagnose(network, host),
    close: async () => leave(network, host),
  }
}

const signalingState = (network: Network): SignalingState => ({
  kind: 'server',
  url: SIGNALING_URL,
  connected: true,
  clients: network.hosts.size,
})

const displace = (network: Network, former: Host): void => {
  for (const { to } of [...former.out.values()]) separate(network, former, to, 'dropped', 'replaced')
  network.hosts.delete(former.peer)
  former.refusals.set('duplicateIdentity', 1)
  later(network, former, 0, () => former.handlers.refused({ code: 'duplicateIdentity', by: 'them', peer: former.peer }))
}

const leave = (network: Network, host: Host): void => {
  if (host.closed) return
  host.closed = true
  // What it sent before is still under way, and its goodbye comes behind that.
  for (const direction of [...host.out.values()]) {
    const { to } = direction
    host.out.delete(to.peer)
    const back = to.out.get(host.peer)
    network.agenda.at(Math.max(performance.now(), direction.arriveMs), () => {
      direction.up = false
      if (!back?.up || to.closed) return
      takeDown(to, back, 'left')
      to.handlers.peerDown(host.peer, 'left')
    })
  }
  if (network.hosts.get(host.peer) === host) network.hosts.delete(host.peer)
}

const unite = (network: Network, a: Host, b: Host): void => {
  const delayMs = delayOf(conditionsOf(network, a, b))
  network.agenda.at(performance.now() + delayMs, () => {
    const there = network.hosts.get(a.peer) === a && network.hosts.get(b.peer) === b
    if (!there || network.cuts.has(pair(a.peer, b.peer)) || a.out.has(b.peer)) return
    for (const [from, to] of [[a, b] as const, [b, a] as const]) {
      from.out.set(to.peer, { from, to, queuedBytes: 0, full: false, departMs: 0, arriveMs: 0, up: true })
    }
    a.handlers.peerUp(b.peer)
    if (!b.closed && b.out.has(a.peer)) b.handlers.peerUp(a.peer)
    reportDelay(network, a, b)
  })
}

const reportDelay = (network: Network, a: Host, b: Host): void => {
  const roundTripMs = delayOf(conditionsOf(network, a, b)) + delayOf(conditionsOf(network, a, b))
  for (const [from, to] of [[a, b] as const, [b, a] as const]) {
    later(network, from, roundTripMs, () => {
      if (from.out.get(to.peer)?.to === to) from.handlers.delay(to.peer, roundTripMs)
    })
  }
}

const separate = (
  network: Network,
  a: Host,
  b: Host,
  toldA: PeerDownReason,
  toldB: PeerDownReason,
  countedA: string = toldA,
): void => {
  const [there, back] = [a.out.get(b.peer), b.out.get(a.peer)]
  if (!there || !back) return
  takeDown(a, there, countedA)
  takeDown(b, back, toldB)
  later(network, a, 0, () => a.handlers.peerDown(b.peer, toldA))
  later(network, b, 0, () => b.handlers.peerDown(a.peer, toldB))
}

const takeDown = (host: Host, direction: Direction, reason: string): void => {
  const { peer } = direction.to
  direction.up = false
  host.out.delete(peer)
  const { drops } = statisticsOf(host, peer)
  drops.set(reason, (drops.get(reason) ?? 0) + 1)
}

const statisticsOf = (host: Host, peer: PeerId) => {
  const known = host.statistics.get(peer)
  if (known) return known
  const fresh = { sent: 0, received: 0, drops: new Map<string, number>() }
  host.statistics.set(peer, fresh)
  return fresh
}

const send = (network: Network, host: Host, peer: PeerId, frame: Uint8Array): boolean => {
  assertFrameSize(frame)
  const direction = host.out.get(peer)
  if (!direction || direction.queuedBytes + frame.length > MAX_BUFFERED_BYTES) return false
  const { to } = direction
  const conditions = conditionsOf(network, host, to)
  const bytes = frame.slice()
  const { bytesPerMs = Number.POSITIVE_INFINITY } = conditions
  direction.departMs = Math.max(performance.now(), direction.departMs) + bytes.length / bytesPerMs
  direction.arriveMs = Math.max(direction.arriveMs, direction.departMs + delayOf(conditions))
  direction.queuedBytes += bytes.length
  direction.full ||= direction.queuedBytes > DRAINED_BYTES
  statisticsOf(host, peer).sent += bytes.length
  network.agenda.at(direction.departMs, () => {
    direction.queuedBytes -= bytes.length
    if (!direction.full || direction.queuedBytes > DRAINED_BYTES) return
    direction.full = false
    if (direction.up && !host.closed) host.handlers.drained(peer)
  })
  network.agenda.at(direction.arriveMs, () => {
    if (!direction.up || to.closed) return
    statisticsOf(to, host.peer).received += bytes.length
    to.handlers.frame(host.peer, bytes)
  })
  return true
}

const diagnose = (network: Network, host: Host): TransportDiagnostics => ({
  peers: [...new Set([...host.out.keys(), ...host.statistics.keys()])].sort().map((peer): PeerDiagnostics => {
    const direction = host.out.get(peer)
    const { sent, received, drops } = statisticsOf(host, peer)
    return {
      peer,
      state: direction ? 'up' : 'waiting',
      path: direction ? 'direct' : 'none',
      candidatePair: direction ? 'host' : null,
      rttMs: direction ? 2 * delayOf(conditionsOf(network, host, direction.to)) : null,
      bytesSent: sent,
      bytesReceived: received,
      bufferedBytes: direction?.queuedBytes ?? 0,
      failures: 0,
      drops: Object.fromEntries(drops),
      clockOffsetMs: direction ? 0 : null,
      pathless: null,
      refusal: null,
    }
  }),
  signaling: [{ ...signalingState(network), lastError: null, junk: 0, undecipherable: 0, undecipherableAgoMs: null }],
  refusals: Object.fromEntries(host.refusals),
})

interface Agenda {
  at(dueMs: number, run: () => void): void
}

/** One timer for all: the host's own may swap what is due in one millisecond. */
const createAgenda = (): Agenda => {
  const items: { readonly dueMs: number; readonly run: () => void }[] = []
  let armedMs = Number.POSITIVE_INFINITY
  let timer: ReturnType<typeof setTimeout> | undefined
  const arm = () => {
    const first = items[0]
    if (!first || first.dueMs >= armedMs) return
    clearTimeout(timer)
    armedMs = first.dueMs
    timer = setTimeout(run, Math.max(0, Math.ceil(first.dueMs - performance.now())))
  }
  const run = () => {
    armedMs = Number.POSITIVE_INFINITY
    const now = performance.now()
    // What a handler schedules for now waits for the next round: two peers that answer each other must not block the rest.
    const later = items.findIndex((item) => item.dueMs > now)
    const due = items.splice(0, later < 0 ? items.length : later)
    try {
      for (let item = due.shift(); item; item = due.shift()) item.run()
    } finally {
      items.unshift(...due)
      arm()
    }
  }
  return {
    at: (dueMs, run) => {
      let place = items.length
      while (place > 0 && (items[place - 1]?.dueMs ?? 0) > dueMs) place -= 1
      items.splice(place, 0, { dueMs, run })
      arm()
    },
  }
}
