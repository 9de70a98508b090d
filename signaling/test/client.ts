/** A signaling client for tests: what it got can be awaited in order. Imports ws. */
import { type ClientOptions, WebSocket } from 'ws'

export interface TestClient {
  readonly socket: WebSocket
  send(message: unknown): void
  /** The next message in order of arrival. */
  next(): Promise<Record<string, unknown>>
  /** Skips to the first message of that type. */
  nextOf(type: string): Promise<Record<string, unknown>>
  /** Sends a ping and resolves to all that came before its pong: afterwards nothing is under way. */
  flush(): Promise<Record<string, unknown>[]>
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
}

/** Rejects when the handshake is refused; the message names the HTTP status. */
export const connect = (url: string, options: ClientOptions = {}): Promise<TestClient> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, options)
    const inbox: Record<string, unknown>[] = []
    const readers: ((message: Record<string, unknown>) => void)[] = []
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Record<string, unknown>
      const reader = readers.shift()
      if (reader) reader(message)
      else inbox.push(message)
    })
    const closed = new Promise<{ code: number; reason: string }>((closedResolve) => {
      socket.on('close', (code, reason) => closedResolve({ code, reason: reason.toString() }))
    })
    const next = (): Promise<Record<string, unknown>> => {
      const message = inbox.shift()
      return message ? Promise.resolve(message) : new Promise((read) => readers.push(read))
    }
    const client: TestClient = {
      socket,
      send: (message) => socket.send(JSON.stringify(message)),
      next,
      async nextOf(type) {
        for (;;) {
          const message = await next()
          if (message['type'] === type) return message
        }
      },
      async flush() {
        client.send({ type: 'ping' })
        const before: Record<string, unknown>[] = []
        for (;;) {
          const message = await next()
          if (message['type'] === 'pong') return before
          before.push(message)
        }
      },
      closed,
    }
    socket.on('error', reject)
    socket.on('open', () => resolve(client))
  })

/** Resolves when the socket is subscribed, to the `clients` it was told. */
export const subscribe = async (client: TestClient, topic: string): Promise<number> => {
  client.send({ type: 'subscribe', topics: [topic], parsec: true })
  return (await client.nextOf('subscribed'))['clients'] as number
}
