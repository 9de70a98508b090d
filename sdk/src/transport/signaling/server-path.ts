/** A y-webrtc signaling server: JSON over WebSocket, `subscribe`, `publish`, `ping`. One that is lost is dialled again. */
import { backoffMs, type Random } from '../backoff.ts'
import { describeError, type PathEvents, parseFrame, type SignalingPath } from './path.ts'

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

export interface ServerPathOptions extends PathEvents {
  readonly url: string
  readonly room: string
  readonly WebSocket: WebSocketConstructor
  readonly random: Random
}

const CONNECT_TIMEOUT_MS = 10_000
const PING_INTERVAL_MS = 20_000
/** y-webrtc's servers answer pings; one that was silent for two is gone. */
const SILENCE_MS = 45_000
const FIRST_RETRY_MS = 500
const MOST_RETRY_MS = 30_000
/** A connection that lasted this long was a good one. */
const LASTING_MS = 10_000
const MAX_CLIENTS = 1_000_000
const CLOSE_TIMEOUT_MS = 1_000
const CLOSED = 3

interface Server {
  readonly options: ServerPathOptions
  socket: WebSocketLike | null
  connected: boolean
  connectedMs: number
  heardMs: number
  clients: number | undefined
  failures: number
  lastError: string | null
  timer: ReturnType<typeof setTimeout> | undefined
  closed: boolean
}

export const createServerPath = (options: ServerPathOptions): SignalingPath => {
  const server: Server = {
    options,
    socket: null,
    connected: false,
    connectedMs: 0,
    heardMs: 0,
    clients: undefined,
    failures: 0,
    lastError: null,
    timer: undefined,
    closed: false,
  }
  return {
    kind: 'server',
    url: options.url,
    get isConnected() {
      return server.connected
    },
    get clients() {
      return server.clients
    },
    get lastError() {
      return server.lastError
    },
    open: () => dial(server),
    publish: (data) => {
      if (server.connected) write(server, { type: 'publish', topic: options.room, data })
    },
    retryNow: () => {
      if (server.closed || server.socket || server.failures === 0) return
      clearTimeout(server.timer)
      dial(server)
    },
    fail: (why) => {
      server.lastError = why
      options.changed()
    },
    close: () => close(server),
  }
}

const dial = (server: Server): void => {
  let socket: WebSocketLike
  try {
    socket = new server.options.WebSocket(server.options.url)
  } catch (error) {
    lose(server, describeError(error))
    return
  }
  server.socket = socket
  server.timer = setTimeout(() => lose(server, 'no answer'), CONNECT_TIMEOUT_MS)
  socket.onopen = () => onOpen(server)
  socket.onmessage = (event: { data?: unknown }) => receive(server, event.data)
  socket.onerror = (event: { message?: unknown }) => {
    server.lastError = typeof event.message === 'string' && event.message !== '' ? event.message : 'socket error'
  }
  socket.onclose = (event: { code?: unknown }) => lose(server, `closed with code ${String(event.code)}`)
}

const onOpen = (server: Server): void => {
  const { room, changed, opened } = server.options
  clearTimeout(server.timer)
  server.connected = true
  server.connectedMs = performance.now()
  server.heardMs = server.connectedMs
  server.lastError = null
  server.timer = setTimeout(() => keepAlive(server), PING_INTERVAL_MS)
  write(server, { type: 'subscribe', topics: [room], parsec: true })
  changed()
  if (!server.closed) opened()
}

const keepAlive = (server: Server): void => {
  if (performance.now() - server.heardMs > SILENCE_MS) {
    lose(server, 'silent')
    return
  }
  write(server, { type: 'ping' })
  server.timer = setTimeout(() => keepAlive(server), PING_INTERVAL_MS)
}

/** Also ends a socket that never opened. */
const lose = (server: Server, why: string): void => {
  clearTimeout(server.timer)
  const wasConnected = server.connected
  if (server.socket) release(server.socket)
  server.socket = null
  server.connected = false
  server.clients = undefined
  server.lastError ??= why
  server.failures = wasConnected && performance.now() - server.connectedMs > LASTING_MS ? 0 : server.failures + 1
  const again = backoffMs(Math.max(0, server.failures - 1), FIRST_RETRY_MS, MOST_RETRY_MS, server.options.random)
  server.timer = setTimeout(() => dial(server), again)
  // The first failure is news too: it tells that this server will not say who is in the room.
  if (wasConnected || server.failures === 1) server.options.changed()
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
    server.lastError = describeError(error)
  }
}

const receive = (server: Server, frame: unknown): void => {
  const { room, published, junk } = server.options
  server.heardMs = performance.now()
  const value = parseFrame(frame)?.value
  const message = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  const ours = message !== null && (message['topic'] === undefined || message['topic'] === room)
  switch (ours && message['type']) {
    case 'pong':
      return
    case 'subscribed':
      learnClients(server, message?.['clients'])
      return
    case 'publish':
      learnClients(server, message?.['clients'])
      if (!server.closed) published(message?.['data'])
      return
    default:
      junk()
  }
}

const learnClients = (server: Server, clients: unknown): void => {
  if (typeof clients !== 'number' || !Number.isInteger(clients) || clients < 0 || clients > MAX_CLIENTS) return
  if (server.clients === clients) return
  server.clients = clients
  server.options.changed()
}

const close = async (server: Server): Promise<void> => {
  server.closed = true
  clearTimeout(server.timer)
  const { socket } = server
  if (!socket) return
  if (server.connected) write(server, { type: 'unsubscribe', topics: [server.options.room] })
  server.socket = null
  server.connected = false
  release(socket)
  await closedSocket(socket)
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
