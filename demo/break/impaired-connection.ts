/**
 * Real WebRTC connections with a bad network in between: single links can be cut, delayed, throttled, blocked and killed.
 * The demo and the tests' page are built with this file in the place of the SDK's own connections; no build for users
 * contains it.
 */
import type { PeerId } from '../../sdk/src/core/gossip/event.ts'
import { DRAINED_BYTES } from '../../sdk/src/transport/port.ts'
import {
  type Connect,
  type Connection,
  type ConnectionHandlers,
  connectSimplePeer as connectUnimpaired,
} from '../../sdk/src/transport/webrtc/connection.ts'

/** What stands between this tab and one peer. Each end impairs what it sends; a cut works on both directions. */
export interface Impairment {
  /** Bytes and introductions vanish in both directions, and nobody is told. */
  readonly cut: boolean
  /** Introductions arrive, but name addresses where nobody listens: a NAT that lets no path through. */
  readonly blocked: boolean
  readonly oneWayDelayMs: number
  /** Null: as fast as the machine. */
  readonly bytesPerSecond: number | null
}

/** The switches, at `globalThis.network`. */
export interface Network {
  /** From now on, for open links and new ones. */
  impair(peer: PeerId, impairment: Partial<Impairment>): void
  /** Closes the open connections with this peer as a crash would: without a word of ours. Answers with their number. */
  kill(peer: PeerId): number
  /** The open connections carry nothing any more, and nobody is told; new ones are as good as ever. */
  vanish(peer: PeerId): number
  /** Peers with an open connection. */
  linked(): readonly PeerId[]
  /** Wraps one connection; for `connectSimplePeer` below. */
  connect: Connect
}

const unimpaired: Impairment = { cut: false, blocked: false, oneWayDelayMs: 0, bytesPerSecond: null }

interface Line {
  readonly peer: PeerId
  isOpen: boolean
  isDead: boolean
  kill(): void
}

export function createNetwork(): Network {
  const impairments = new Map<PeerId, Impairment>()
  const lines = new Set<Line>()
  const impairmentOf = (peer: PeerId) => impairments.get(peer) ?? unimpaired
  const open = (peer: PeerId) => [...lines].filter((line) => line.peer === peer && line.isOpen && !line.isDead)
  return {
    impair: (peer, impairment) => impairments.set(peer, { ...impairmentOf(peer), ...impairment }),
    kill(peer) {
      const hit = open(peer)
      for (const line of hit) line.kill()
      return hit.length
    },
    vanish(peer) {
      const hit = open(peer)
      for (const line of hit) line.isDead = true
      return hit.length
    },
    linked: () => [...new Set([...lines].flatMap((line) => (line.isOpen && !line.isDead ? line.peer : [])))],
    connect: (options, handlers) => connectOver(lines, () => impairmentOf(options.peer), options, handlers),
  }
}

declare global {
  // The transport is created by the SDK, and the switches are the page's: they meet here.
  var network: Network
}

/** What the SDK's transport is built with. */
export const connectSimplePeer: Connect = (options, handlers) => globalThis.network.connect(options, handlers)

function connectOver(
  lines: Set<Line>,
  impairment: () => Impairment,
  options: Parameters<Connect>[0],
  handlers: ConnectionHandlers,
): Connection {
  const isDeaf = () => line.isDead || impairment().cut
  const connection = connectUnimpaired(options, {
    ...handlers,
    signal: (signal) => {
      if (!impairment().cut) handlers.signal(impairment().blocked ? misdirected(signal) : signal)
    },
    open: () => {
      line.isOpen = true
      handlers.open()
    },
    message: (bytes) => {
      if (!isDeaf()) handlers.message(bytes)
    },
    drained: () => sending.innerDrained(),
    interrupted: () => {
      if (!isDeaf()) handlers.interrupted()
    },
    closed: (error) => {
      // Over a dead line, its end is not heard of either: the heartbeat has to notice.
      if (isDeaf()) return
      over()
      handlers.closed(error)
    },
  })
  const sending = createSending(connection, impairment, handlers.drained)
  const over = () => {
    lines.delete(line)
    sending.stop()
  }
  const line: Line = {
    peer: options.peer,
    isOpen: false,
    isDead: false,
    kill: () => {
      over()
      connection.close()
      handlers.closed('killed')
    },
  }
  lines.add(line)
  return {
    ...connection,
    signal: (signal) => {
      if (!impairment().cut) connection.signal(signal)
    },
    send: (bytes) => isDeaf() || sending.send(bytes),
    bufferedBytes: sending.bufferedBytes,
    close: () => {
      over()
      connection.close()
    },
  }
}

/** What is sent waits its turn at the throttle, then for as long as the line is. */
function createSending(connection: Connection, impairment: () => Impairment, drained: () => void) {
  let queue: { readonly bytes: Uint8Array<ArrayBuffer>; readonly sentMs: number; readonly dueMs: number }[] = []
  let throttleFreeMs = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let wasFull = false

  const waitingBytes = (nowMs: number) =>
    queue.reduce((sum, { bytes, sentMs }) => sum + (sentMs > nowMs ? bytes.length : 0), 0)
  const bufferedBytes = () => waitingBytes(performance.now()) + connection.bufferedBytes()

  function pump(): void {
    const nowMs = performance.now()
    while (queue[0] && queue[0].dueMs <= nowMs) connection.send((queue.shift() as (typeof queue)[number]).bytes)
    clearTimeout(timer)
    const next = queue[0]
    timer = next && setTimeout(pump, next.dueMs - nowMs)
    tellDrained()
  }

  function tellDrained(): void {
    if (!wasFull || bufferedBytes() > DRAINED_BYTES) return
    wasFull = false
    drained()
  }

  return {
    bufferedBytes,
    innerDrained: tellDrained,
    send(bytes: Uint8Array<ArrayBuffer>): boolean {
      const { oneWayDelayMs, bytesPerSecond } = impairment()
      const nowMs = performance.now()
      let accepted = true
      if (queue.length === 0 && oneWayDelayMs === 0 && bytesPerSecond === null) {
        accepted = connection.send(bytes)
      } else {
        const startMs = Math.max(nowMs, throttleFreeMs)
        throttleFreeMs = startMs + (bytesPerSecond === null ? 0 : (bytes.length / bytesPerSecond) * 1000)
        // In order, also when a delay was just shortened.
        const dueMs = Math.max(throttleFreeMs + oneWayDelayMs, queue.at(-1)?.dueMs ?? 0)
        queue.push({ bytes: bytes.slice(), sentMs: throttleFreeMs, dueMs })
        if (queue.length === 1) timer = setTimeout(pump, dueMs - nowMs)
      }
      wasFull ||= bufferedBytes() > DRAINED_BYTES
      return accepted
    },
    stop(): void {
      clearTimeout(timer)
      queue = []
    },
  }
}

/** The discard port, which nothing answers (RFC 863). */
function misdirected(signal: Parameters<ConnectionHandlers['signal']>[0]): typeof signal {
  if (signal.type !== 'candidate') return { ...signal, sdp: signal.sdp.replace(/^a=candidate:.*$/gm, discard) }
  return { ...signal, candidate: { ...signal.candidate, candidate: discard(signal.candidate.candidate) } }
}

/** RFC 8839, section 5.1: foundation, component, transport, priority, address, port, then the rest. */
function discard(line: string): string {
  return line.replace(/^((?:\S+ ){5})\d+/, (_, before: string) => `${before}9`)
}
