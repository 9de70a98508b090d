/** One socket: reads its frames, enforces its limits, sends it what its topics get. Imports hub, limits and protocol. */
import type { WebSocket } from 'ws'
import type { Addresses, AddressState } from './addresses.ts'
import type { Counters } from './counters.ts'
import type { Hub, Subscriber } from './hub.ts'
import type { Limits } from './limits.ts'
import { type ClientMessage, encodePong, parseFrame } from './protocol.ts'
import { type RefusalCode, refusals } from './refusals.ts'
import { createBucket, take } from './token-bucket.ts'

export interface ConnectionContext {
  readonly hub: Hub
  readonly limits: Limits
  readonly addresses: Addresses
  readonly counters: Counters
  readonly refused: (code: RefusalCode, address: string) => void
  readonly failed: (error: unknown) => void
}

export interface Connection extends Subscriber {
  /** Asks the browser for a sign of life; gives the socket up after `missesMax` that were not answered. */
  beat(missesMax: number): void
  /** Says why, then closes. */
  refuse(code: RefusalCode): void
  terminate(): void
}

const pong = encodePong()
const asText = { binary: false }

export const openConnection = (
  ws: WebSocket,
  address: string,
  state: AddressState,
  context: ConnectionContext,
  closed: (connection: Connection) => void,
): Connection => {
  const { hub, limits, addresses, counters } = context
  const bucket = createBucket(limits.frameBurstPerSocket, Date.now())
  const topics = new Map<string, Buffer | null>()
  let isOpen = true
  let misses = 0

  /** Frees what others hold of the socket at once; its close may take a while. */
  const leave = (): void => {
    isOpen = false
    for (const topic of topics.keys()) hub.unsubscribe(connection, topic)
  }

  const connection: Connection = {
    topics,
    deliver(frame) {
      if (!isOpen) return
      if (ws.bufferedAmount > limits.bufferedBytesPerSocket) connection.refuse('slowConsumer')
      else ws.send(frame, asText)
    },
    beat(missesMax) {
      if (!isOpen) return
      if (misses >= missesMax) return connection.refuse('unresponsive')
      misses++
      ws.ping()
    },
    refuse(code) {
      if (!isOpen) return
      leave()
      context.refused(code, address)
      ws.close(refusals[code].closeCode, refusals[code].reason)
    },
    terminate: () => ws.terminate(),
  }

  /** True if the frame may be looked at. Control frames cost the same. */
  const admit = (): boolean => {
    misses = 0
    if (!isOpen) return false
    counters.frames++
    const nowMs = Date.now()
    if (!take(bucket, limits.framesPerSecondPerSocket, limits.frameBurstPerSocket, nowMs)) {
      connection.refuse('tooFast')
    } else if (!addresses.takeFrame(state, nowMs)) {
      connection.refuse('addressTooFast')
    } else if (ws.bufferedAmount > limits.bufferedBytesPerSocket) {
      // It asks for answers that it does not read.
      connection.refuse('slowConsumer')
    }
    return isOpen
  }

  state.sockets++
  ws.on('message', (data) => {
    if (!admit()) return
    const bytes = data as Buffer
    counters.framesBytes += bytes.length
    try {
      const code = handle(connection, parseFrame(bytes.toString()), context)
      if (code) connection.refuse(code)
    } catch (error) {
      context.failed(error)
      connection.refuse('internal')
    }
  })
  ws.on('ping', admit)
  ws.on('pong', admit)
  ws.on('error', (error: Error & { code?: string }) => {
    // The library closes the socket with the same code.
    if (isOpen) {
      leave()
      context.refused(protocolErrors[error.code ?? ''] ?? 'badFrame', address)
    }
  })
  ws.on('close', () => {
    if (isOpen) leave()
    state.sockets--
    closed(connection)
  })
  return connection
}

const protocolErrors: Readonly<Record<string, RefusalCode>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'frameTooBig',
  WS_ERR_INVALID_UTF8: 'notUtf8',
}

/** Why the socket has to go, or null. */
const handle = (
  connection: Connection,
  message: ClientMessage,
  { hub, limits }: ConnectionContext,
): RefusalCode | null => {
  switch (message.kind) {
    case 'subscribe':
      for (const topic of message.topics) {
        if (topic.length > limits.topicLength) return 'topicTooLong'
        if (connection.topics.size >= limits.topicsPerSocket && !connection.topics.has(topic)) return 'tooManyTopics'
        if (!hub.subscribe(connection, topic, message.wantsCount)) return 'topicFull'
      }
      return null
    case 'unsubscribe':
      for (const topic of message.topics) hub.unsubscribe(connection, topic)
      return null
    case 'publish':
      if (message.topic.length > limits.topicLength) return 'topicTooLong'
      return hub.publish(connection, message.topic, message.message) ? null : 'malformed'
    case 'ping':
      connection.deliver(pong)
      return null
    case 'malformed':
      return 'malformed'
    case 'ignored':
      return null
  }
}
