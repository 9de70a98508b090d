/** A y-webrtc signaling server inside the test, with the WebSocket class that reaches it. */
import type { WebSocketConstructor, WebSocketLike } from '../../src/transport/signaling/server-path.ts'

export interface FakeSignaling {
  readonly WebSocket: WebSocketConstructor
  /** Every frame a client sent. */
  readonly received: unknown[]
  readonly sockets: ReadonlySet<WebSocketLike>
  /** Drops all sockets and refuses new ones, or accepts them again. */
  setReachable(reachable: boolean): void
  /** To every socket, whatever it is. */
  inject(data: unknown): void
}

type Handler = ((event: never) => void) | null

export const createFakeSignaling = (
  options: { readonly answersSubscribe: boolean } = { answersSubscribe: true },
): FakeSignaling => {
  const topics = new Map<string, Set<FakeSocket>>()
  const sockets = new Set<FakeSocket>()
  const received: unknown[] = []
  let reachable = true

  class FakeSocket implements WebSocketLike {
    readyState = 0
    onopen: Handler = null
    onmessage: Handler = null
    onclose: Handler = null
    onerror: Handler = null

    constructor() {
      sockets.add(this)
      queueMicrotask(() => {
        if (!reachable) this.drop()
        else if (this.readyState === 0) {
          this.readyState = 1
          this.onopen?.({} as never)
        }
      })
    }
    send(frame: string): void {
      if (this.readyState !== 1) throw new Error('not open')
      const message = JSON.parse(frame) as { type: string; topics?: string[]; topic?: string; parsec?: boolean }
      received.push(message)
      queueMicrotask(() => serve(this, message))
    }
    deliver(data: unknown): void {
      if (this.readyState === 1) this.onmessage?.({ data } as never)
    }
    drop(): void {
      if (this.readyState === 3) return
      this.readyState = 3
      sockets.delete(this)
      for (const subscribers of topics.values()) subscribers.delete(this)
      this.onclose?.({ code: 1006 } as never)
    }
    close(): void {
      queueMicrotask(() => this.drop())
    }
  }

  const serve = (
    socket: FakeSocket,
    message: { type: string; topics?: string[]; topic?: string; parsec?: boolean },
  ) => {
    if (socket.readyState !== 1) return
    for (const topic of message.topics ?? []) {
      const subscribers = topics.get(topic) ?? new Set()
      topics.set(topic, subscribers)
      if (message.type === 'subscribe') subscribers.add(socket)
      else subscribers.delete(socket)
      if (message.type === 'subscribe' && message.parsec && options.answersSubscribe) {
        socket.deliver(JSON.stringify({ type: 'subscribed', topic, clients: subscribers.size }))
      }
    }
    if (message.type === 'ping') socket.deliver('{"type":"pong"}')
    if (message.type === 'publish') {
      const subscribers = topics.get(message.topic ?? '') ?? new Set()
      const frame = JSON.stringify({ ...message, clients: subscribers.size })
      for (const subscriber of [...subscribers]) subscriber.deliver(frame)
    }
  }

  return {
    WebSocket: FakeSocket,
    received,
    sockets,
    setReachable: (now) => {
      reachable = now
      if (!now) for (const socket of [...sockets]) socket.drop()
    },
    inject: (data) => {
      for (const socket of [...sockets]) socket.deliver(data)
    },
  }
}
