/**
 * A client of the y-webrtc signaling protocol on several servers at once: JSON over WebSocket, `subscribe`, `publish`,
 * `ping`. Every server is trusted with nothing but delivery. Servers that come and go are dialled again; whatever else
 * arrives on a socket is counted and forgotten.
 */
import { backoffMs, type Random } from '../backoff.ts'
import type { SignalingDiagnostics, SignalingState } from '../port.ts'
import type { SignalingMessage } from './messages.ts'
import { createRoomCipher, type RoomCipher } from './room-cipher.ts'

/** The part of the DOM's WebSocket that is used; the `ws` package's class fits as well. */
export interface WebSocketLike {
  readonly readyState: number
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
  send(data: string): void
  close(): void
}
export type WebSocketConstructor = new (url: string) => WebSocketLike

export interface SignalingClientOptions {
  readonly urls: readonly string[]
  readonly room: string
  readonly password?: string
  readonly WebSocket: WebSocketConstructor
  readonly random: Random
  /** A published value, decrypted where the room has a password; our own come back too. */
  message(value: unknown): void
  state(state: SignalingState): void
  /** Time to announce: subscribed to the room on a server, or heard somebody with another room password. */
  subscribed(): void
}

export interface SignalingClient {
  /** To the room on every server that is connected, in order. */
  publish(value: SignalingMessage): void
  /** The value reported to `message` was not one of ours: count it for the server it came from. */
  junk(): void
  connected(): boolean
  /** The network is back: dial at once what waits to be dialled again. */
  dialNow(): void
  diagnostics(): readonly SignalingDiagnostics[]
  /** Resolves when no socket and no timer is left. */
  close(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 10_000
const PING_INTERVAL_MS = 20_000
/** y-webrtc's servers answer pings; one that was silent for two is gone. */
const SILENCE_MS = 45_000
const FIRST_RETRY_MS = 500
const MOST_RETRY_MS = 30_000
/** A connection that lasted this long was a good one. */
const LASTING_MS = 10_000
const MAX_FRAME_CHARACTERS = 65_536
/** Frames being decrypted at one time, per server. */
const MAX_DECRYPTING = 256
const MAX_CLIENTS = 1_000_000
/** Two that cannot read each other would otherwise answer for ever. */
const UNDECIPHERABLE_PAUSE_MS = 60_000
const CLOSE_TIMEOUT_MS = 1_000
const CLOSED = 3

type Timer = ReturnType<typeof setTimeout>

interface Server {
  readonly url: string
  socket: WebSocketLike | null
  connected: boolean
  connectedMs: number
  heardMs: number
  clients: number | undefined
  failures: number
  lastError: string | null
  junk: number
  undecipherable: number
  undecipherableMs: number | null
  answeredMs: number
  answeredClients: number | undefined
  decrypting: number
  /** Keeps frames in order through decryption. */
  inbox: Promise<void>
  timer: Timer | undefined
}

interface Client {
  readonly options: SignalingClientOptions
  readonly servers: readonly Server[]
  cipher: RoomCipher | null
  /** The server whose message is being handled. */
  speaking: Server | null
  outbox: Promise<void>
  closed: boolean
}

export const createSignalingClient = (options: SignalingClientOptions): SignalingClient => {
  const servers = [...new Set(options.urls)].map((url) => idle(url))
  const client: Client = { options, servers, cipher: null, speaking: null, outbox: Promise.resolve(), closed: false }
  void start(client)
  return {
    publish: (value) => publish(client, value),
    junk: () => {
      if (client.speaking) client.speaking.junk += 1
    },
    connected: () => servers.some((server) => server.connected),
    dialNow: () => {
      for (const server of servers) {
        if (client.closed || server.socket || server.failures === 0) continue
        clearTimeout(server.timer)
        dial(client, server)
      }
    },
    diagnostics: () =>
      servers.map((server) => ({
        ...stateOf(server),
        lastError: server.lastError,
        junk: server.junk,
        undecipherable: server.undecipherable,
        undecipherableAgoMs: server.undecipherableMs === null ? null : performance.now() - server.undecipherableMs,
      })),
    close: () => close(client),
  }
}

const idle = (url: string): Server => ({
  url,
  socket: null,
  connected: false,
  connectedMs: 0,
  heardMs: 0,
  clients: undefined,
  failures: 0,
  lastError: null,
  junk: 0,
  undecipherable: 0,
  undecipherableMs: null,
  answeredMs: Number.NEGATIVE_INFINITY,
  answeredClients: undefined,
  decrypting: 0,
  inbox: Promise.resolve(),
  timer: undefined,
})

const stateOf = ({ url, connected, clients, undecipherable }: Server): SignalingState => ({
  url,
  connected,
  ...(clients === undefined ? {} : { clients }),
  ...(undecipherable === 0 ? {} : { unreadable: true }),
})

const start = async (client: Client): Promise<void> => {
  const { password, room, state } = client.options
  try {
    if (password !== undefined) client.cipher = await createRoomCipher(password, room)
  } catch (error) {
    for (const server of client.servers) {
      server.lastError = `no room key: ${describe(error)}`
      if (!client.closed) state(stateOf(server))
    }
    return
  }
  // One task later, so that nothing is reported while the caller still holds no transport.
  await Promise.resolve()
  if (client.closed) return
  for (const server of client.servers) dial(client, server)
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const dial = (client: Client, server: Server): void => {
  let socket: WebSocketLike
  try {
    socket = new client.options.WebSocket(server.url)
  } catch (error) {
    lose(client, server, describe(error))
    return
  }
  server.socket = socket
  server.timer = setTimeout(() => lose(client, server, 'no answer'), CONNECT_TIMEOUT_MS)
  socket.onopen = () => opened(client, server)
  socket.onmessage = (event: { data?: unknown }) => receive(client, server, event.data)
  socket.onerror = (event: { message?: unknown }) => {
    server.lastError = typeof event.message === 'string' && event.message !== '' ? event.message : 'socket error'
  }
  socket.onclose = (event: { code?: unknown }) => lose(client, server, `closed with code ${String(event.code)}`)
}

const opened = (client: Client, server: Server): void => {
  clearTimeout(server.timer)
  server.connected = true
  server.connectedMs = performance.now()
  server.heardMs = server.connectedMs
  server.lastError = null
  server.timer = setTimeout(() => keepAlive(client, server), PING_INTERVAL_MS)
  write(server, { type: 'subscribe', topics: [client.options.room], parsec: true })
  client.options.state(stateOf(server))
  if (!client.closed) client.options.subscribed()
}

const keepAlive = (client: Client, server: Server): void => {
  if (performance.now() - server.heardMs > SILENCE_MS) {
    lose(client, server, 'silent')
    return
  }
  write(server, { type: 'ping' })
  server.timer = setTimeout(() => keepAlive(client, server), PING_INTERVAL_MS)
}

/** Also ends a socket that never opened. */
const lose = (client: Client, server: Server, why: string): void => {
  clearTimeout(server.timer)
  const wasConnected = server.connected
  if (server.socket) release(server.socket)
  server.socket = null
  server.connected = false
  server.clients = undefined
  server.lastError ??= why
  server.failures = wasConnected && performance.now() - server.connectedMs > LASTING_MS ? 0 : server.failures + 1
  const again = backoffMs(Math.max(0, server.failures - 1), FIRST_RETRY_MS, MOST_RETRY_MS, client.options.random)
  server.timer = setTimeout(() => dial(client, server), again)
  // The first failure is news too: it tells that this server will not say who is in the room.
  if (wasConnected || server.failures === 1) client.options.state(stateOf(server))
}

const release = (socket: WebSocketLike): void => {
  socket.onopen = null
  socket.onmessage = null
  socket.onclose = null
  // `ws` reports the abort of a socket that is still connecting as an error, which unheard would be thrown.
  socket.onerror = () => {}
  try {
    socket.close()
  } catch {
    // Closing is all that was wanted.
  }
}

const write = (server: Server, message: Record<string, unknown>): void => {
  try {
    server.socket?.send(JSON.stringify(message))
  } catch (error) {
    server.lastError = describe(error)
  }
}

const publish = (client: Client, value: SignalingMessage): void => {
  const { cipher } = client
  const topic = client.options.room
  const toAll = (data: unknown) => {
    for (const server of client.servers) if (server.connected) write(server, { type: 'publish', topic, data })
  }
  if (!cipher) {
    toAll(value)
    return
  }
  const sealed = cipher.encrypt(value)
  client.outbox = client.outbox.then(async () => {
    const data = await sealed
    if (!client.closed) toAll(data)
  })
}

const receive = (client: Client, server: Server, frame: unknown): void => {
  server.heardMs = performance.now()
  const message = parseFrame(frame)
  const ours = message !== null && (message['topic'] === undefined || message['topic'] === client.options.room)
  switch (ours && message['type']) {
    case 'pong':
      return
    case 'subscribed':
      learnClients(client, server, message?.['clients'])
      return
    case 'publish':
      learnClients(client, server, message?.['clients'])
      if (!client.closed) published(client, server, message?.['data'])
      return
    default:
      server.junk += 1
  }
}

const parseFrame = (frame: unknown): Record<string, unknown> | null => {
  if (typeof frame !== 'string' || frame.length > MAX_FRAME_CHARACTERS) return null
  try {
    const value: unknown = JSON.parse(frame)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

const learnClients = (client: Client, server: Server, clients: unknown): void => {
  if (typeof clients !== 'number' || !Number.isInteger(clients) || clients < 0 || clients > MAX_CLIENTS) return
  if (server.clients === clients) return
  server.clients = clients
  client.options.state(stateOf(server))
}

const published = (client: Client, server: Server, data: unknown): void => {
  const { cipher } = client
  if (!cipher) {
    // A string is what a peer publishes that has a room password.
    if (typeof data === 'string') countUndecipherable(client, server)
    hand(client, server, data)
    return
  }
  if (typeof data !== 'string' || server.decrypting >= MAX_DECRYPTING) {
    if (typeof data !== 'string') countUndecipherable(client, server)
    server.junk += 1
    return
  }
  server.decrypting += 1
  const opening = cipher.decrypt(data)
  server.inbox = server.inbox.then(async () => {
    const value = await opening
    server.decrypting -= 1
    if (client.closed) return
    if (value === null) {
      countUndecipherable(client, server)
      server.junk += 1
    } else {
      hand(client, server, value)
    }
  })
}

const countUndecipherable = (client: Client, server: Server): void => {
  const now = performance.now()
  server.undecipherable += 1
  server.undecipherableMs = now
  // Somebody has come or gone since we said so, or it is long ago.
  if (server.answeredClients !== server.clients || now - server.answeredMs > UNDECIPHERABLE_PAUSE_MS) {
    server.answeredMs = now
    server.answeredClients = server.clients
    // Its author reads ours no better, but learns from it that somebody here has another password.
    client.options.subscribed()
  }
  if (server.undecipherable === 1) client.options.state(stateOf(server))
}

const hand = (client: Client, server: Server, value: unknown): void => {
  client.speaking = server
  client.options.message(value)
  client.speaking = null
}

const close = async (client: Client): Promise<void> => {
  if (client.closed) return
  client.closed = true
  const closing: Promise<void>[] = []
  for (const server of client.servers) {
    clearTimeout(server.timer)
    const { socket } = server
    if (!socket) continue
    if (server.connected) write(server, { type: 'unsubscribe', topics: [client.options.room] })
    server.socket = null
    server.connected = false
    release(socket)
    closing.push(closedSocket(socket))
  }
  await Promise.all(closing)
}

const closedSocket = (socket: WebSocketLike): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      socket.onclose = null
      socket.onerror = null
      resolve()
    }
    const timer = setTimeout(done, CLOSE_TIMEOUT_MS)
    socket.onclose = done
    if (socket.readyState === CLOSED) done()
  })
