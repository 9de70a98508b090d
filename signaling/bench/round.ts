/** One round of one server: connect, subscribe, fan out, measure the delay. Imports the raw client and the subjects. */
import { connectRaw, type RawClient } from './raw-client.ts'
import type { Subject, Usage } from './subjects.ts'

export interface Load {
  readonly sockets: number
  readonly rooms: number
  readonly payloadBytes: number
  readonly throughputMs: number
  readonly latencyMs: number
  /** Publishes per second while the latency is measured. */
  readonly latencyRate: number
  /** Ends the round once everybody is in their room. */
  readonly connectOnly: boolean
}

export type Measurement = Joining & Partial<Relaying>

export interface Joining {
  /** Handshakes. */
  readonly connectionsPerSecond: number
  /** From the first handshake until everybody is in their room, which is what a client connects for. */
  readonly joinsPerSecond: number
  /** Handshake, subscribe and ping. */
  readonly serverCpuUsPerConnection: number
  readonly rssBytesPerSocket: number
  readonly heapBytesPerSocket: number
}

export interface Relaying {
  /** Messages delivered per second while every room has one publish under way. */
  readonly deliveriesPerSecond: number
  readonly serverCpuUsPerDelivery: number
  /** From a publish to its arrival at each subscriber, at the fixed rate. */
  readonly relayMsP50: number
  readonly relayMsP99: number
}

/** What arrives is counted by whoever is measuring now. */
interface Receiver {
  received: (socket: number, payload: Buffer) => void
}

const concurrentHandshakes = 100

export const measure = async (subject: Subject, load: Load): Promise<Measurement> => {
  const receiver: Receiver = { received: () => {} }
  const before = await subject.usage()
  const connectStartMs = performance.now()
  const clients = await connectAll(subject.port, load.sockets, receiver)
  const connectMs = performance.now() - connectStartMs
  await subscribeAll(clients, load, receiver)
  const joinMs = performance.now() - connectStartMs
  const connected = await subject.usage()
  const joining: Joining = {
    connectionsPerSecond: (load.sockets * 1_000) / connectMs,
    joinsPerSecond: (load.sockets * 1_000) / joinMs,
    serverCpuUsPerConnection: ((connected.cpuMs - before.cpuMsCollected) * 1_000) / load.sockets,
    rssBytesPerSocket: (connected.rssBytes - before.rssBytes) / load.sockets,
    heapBytesPerSocket: (connected.heapBytes - before.heapBytes) / load.sockets,
  }
  const relaying = load.connectOnly ? {} : await relay(subject, clients, load, receiver, connected)
  for (const client of clients) client.close()
  return { ...joining, ...relaying }
}

const relay = async (
  subject: Subject,
  clients: readonly RawClient[],
  load: Load,
  receiver: Receiver,
  connected: Usage,
): Promise<Relaying> => {
  const deliveries = await fanOut(clients, load, receiver)
  const loaded = await subject.usage()
  const delaysMs = await relayDelays(clients, load, receiver)
  return {
    deliveriesPerSecond: (deliveries * 1_000) / load.throughputMs,
    serverCpuUsPerDelivery: ((loaded.cpuMs - connected.cpuMsCollected) * 1_000) / deliveries,
    relayMsP50: quantile(delaysMs, 0.5),
    relayMsP99: quantile(delaysMs, 0.99),
  }
}

const connectAll = async (port: number, count: number, receiver: Receiver): Promise<RawClient[]> => {
  const clients: RawClient[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const socket = next++
      clients[socket] = await connectRaw(port, (payload) => receiver.received(socket, payload))
    }
  }
  await Promise.all(Array.from({ length: concurrentHandshakes }, worker))
  return clients
}

const roomOf = (socket: number, { rooms }: Load): number => socket % rooms

/** A ping behind the subscribe: its pong says that the room is joined. */
const subscribeAll = (clients: readonly RawClient[], load: Load, receiver: Receiver): Promise<void> =>
  new Promise((resolve) => {
    let missing = clients.length
    receiver.received = () => {
      if (--missing === 0) resolve()
    }
    for (const [socket, client] of clients.entries()) {
      client.send(JSON.stringify({ type: 'subscribe', topics: [`room-${roomOf(socket, load)}`] }))
      client.send('{"type":"ping"}')
    }
  })

/** The size of a session description with its candidates; the data starts with whatever the measurement needs. */
const publishOf = (socket: number, load: Load, mark: string): string => {
  const signal = { type: 'signal', from: 'a'.repeat(36), to: 'b'.repeat(36), sdp: 'x'.repeat(load.payloadBytes) }
  return JSON.stringify({ type: 'publish', topic: `room-${roomOf(socket, load)}`, mark, data: signal })
}

/** Each room's first socket publishes again as soon as its own message came back. */
const fanOut = (clients: readonly RawClient[], load: Load, receiver: Receiver): Promise<number> =>
  new Promise((resolve) => {
    let deliveries = 0
    let isOver = false
    let underWay = load.rooms
    const frames = Array.from({ length: load.rooms }, (_, room) => publishOf(room, load, ''))
    receiver.received = (socket) => {
      if (!isOver) deliveries++
      if (socket >= load.rooms) return
      if (!isOver) clients[socket]?.send(frames[socket] ?? '')
      else if (--underWay === 0) resolve(deliveries)
    }
    setTimeout(() => {
      isOver = true
    }, load.throughputMs)
    for (let room = 0; room < load.rooms; room++) clients[room]?.send(frames[room] ?? '')
  })

const relayDelays = (clients: readonly RawClient[], load: Load, receiver: Receiver): Promise<number[]> =>
  new Promise((resolve) => {
    const delaysMs: number[] = []
    const total = Math.floor((load.latencyMs * load.latencyRate) / 1_000)
    const perRoom = load.sockets / load.rooms
    const sentMs: number[] = []
    receiver.received = (_socket, payload) => {
      const mark = /"mark":"(\d+)"/.exec(payload.toString('latin1', 0, 80))?.[1]
      if (mark === undefined) return
      delaysMs.push(performance.now() - (sentMs[Number(mark)] ?? Number.NaN))
      if (delaysMs.length === total * perRoom) resolve(delaysMs)
    }
    const startMs = performance.now()
    const timer = setInterval(() => {
      const due = Math.min(total, ((performance.now() - startMs) * load.latencyRate) / 1_000)
      while (sentMs.length < due) {
        const socket = (sentMs.length * 7) % clients.length
        const frame = publishOf(socket, load, String(sentMs.length))
        sentMs.push(performance.now())
        clients[socket]?.send(frame)
      }
      if (sentMs.length >= total) clearInterval(timer)
    }, 1)
  })

const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))] ?? Number.NaN
