/**
 * A signaling server: it introduces browser peers to each other and is trusted with nothing. The package imports
 * Node, its own files and the libraries in package.json; never the SDK.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { encodePong, encodePublish, encodeSubscribed, parseFrame } from './protocol.ts'
import { createTopics } from './topics.ts'

export interface SignalingServerOptions {
  /** TCP port; 0 takes a free one. Default 4444. */
  readonly port?: number
  /** Address or host name to listen on. Default: every address of the machine. */
  readonly host?: string
}

export interface SignalingServer {
  /** Address for clients on this machine, such as `ws://localhost:4444`. */
  readonly url: string
  readonly port: number
  /** Closes every socket with code 1001 and resolves when the port is free again. */
  close(): Promise<void>
}

/** Resolves when the server accepts sockets; rejects with Node's error (`EADDRINUSE`, …) when it cannot listen. */
export const startSignalingServer = async (options: SignalingServerOptions = {}): Promise<SignalingServer> => {
  const topics = createTopics<WebSocket>()
  const http = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('okay')
  })
  const wss = new WebSocketServer({ server: http, maxPayload: 65_536 })
  wss.on('error', () => {})
  wss.on('connection', (ws) => serve(ws, topics))
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(options.port ?? 4444, options.host, () => {
      http.off('error', reject)
      resolve()
    })
  })
  const { port } = http.address() as AddressInfo
  return {
    url: `ws://${options.host ?? 'localhost'}:${port}`,
    port,
    close: async () => {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()))
      for (const ws of wss.clients) ws.close(1001, 'the server goes away')
      http.closeIdleConnections()
      const timer = setTimeout(() => {
        for (const ws of wss.clients) ws.terminate()
      }, 1_000)
      await closed
      clearTimeout(timer)
    },
  }
}

const serve = (ws: WebSocket, topics: ReturnType<typeof createTopics<WebSocket>>): void => {
  const joined = new Set<string>()
  ws.on('error', () => {})
  ws.on('close', () => {
    for (const topic of joined) topics.leave(topic, ws)
  })
  ws.on('message', (data) => {
    if (ws.readyState !== ws.OPEN) return
    const message = parseFrame(data.toString())
    switch (message.kind) {
      case 'subscribe':
        for (const topic of message.topics) {
          topics.join(topic, ws)
          joined.add(topic)
          if (message.wantsCount) ws.send(encodeSubscribed(topic, topics.count(topic)), { binary: false })
        }
        return
      case 'unsubscribe':
        for (const topic of message.topics) {
          topics.leave(topic, ws)
          joined.delete(topic)
        }
        return
      case 'publish': {
        const subscribers = topics.subscribers(message.topic)
        const frame = subscribers && encodePublish(message.message, subscribers.size)
        if (frame) for (const subscriber of subscribers) subscriber.send(frame, { binary: false })
        return
      }
      case 'ping':
        ws.send(encodePong(), { binary: false })
        return
      case 'malformed':
        ws.close(1007, 'malformed')
        return
      case 'ignored':
    }
  })
}
