/**
 * One socket: reads its frames, enforces its limits, sends it what its topics get. Imports hub, heartbeat, limits,
 * frames and protocol.
 *
 * A socket's state is one record, and nothing listens to it: what the library emits is handled where it is emitted.
 * Five listeners and the table that holds them would be a good part of what a socket takes to make and to keep.
 */
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { limitedAs, plainAddress } from './address.ts'
import type { Addresses, AddressState } from './addresses.ts'
import type { Counters } from './counters.ts'
import { type Beating, nowhere } from './heartbeat.ts'
import type { Hub } from './hub.ts'
import type { Limits } from './limits.ts'
import { type ClientMessage, encodePong, parseFrame } from './protocol.ts'
import { type RefusalCode, refusals } from './refusals.ts'
import { textFrame } from './text-frame.ts'
import { type TokenBucket, take } from './token-bucket.ts'

export interface ConnectionContext {
  readonly hub: Hub<Connection>
  readonly limits: Limits
  readonly addresses: Addresses
  readonly counters: Counters
  readonly refused: (code: RefusalCode, address: string) => void
  readonly failed: (error: unknown) => void
  readonly closed: (connection: Connection) => void
}

/** Is its own bucket of frames, and knows its place in the heartbeat. */
export interface Connection extends TokenBucket, Beating {
  readonly ws: WebSocket
  /** What `ws` writes to. */
  readonly stream: Socket
  readonly context: ConnectionContext
  /** Everybody, until the socket is told apart. */
  address: AddressState
  /** What it published to each of its topics first; null when nothing yet, or nothing that is kept. */
  readonly topics: Map<string, Buffer | null>
  isOpen: boolean
  /** Signs of life that were asked for and not given. */
  misses: number
}

/** The class that the WebSocket server makes its sockets of. */
export class ServedSocket extends WebSocket {
  connection: Connection | null = null

  override emit(event: string | symbol, ...values: unknown[]): boolean {
    // The library reports that the socket is open before anybody has it.
    if (!this.connection) return super.emit(event, ...values)
    switch (event) {
      case 'message':
        onMessage(this.connection, values[0] as Buffer)
        return true
      case 'ping':
      case 'pong':
        admit(this.connection)
        return true
      case 'error':
        onError(this.connection, values[0] as Error & { code?: string })
        return true
      case 'close':
        onClose(this.connection)
        return true
      default:
        return super.emit(event, ...values)
    }
  }
}

const pong = textFrame(encodePong())

export const openConnection = (
  ws: ServedSocket,
  stream: Socket,
  address: AddressState,
  context: ConnectionContext,
  nowMs: number,
): Connection => {
  const connection: Connection = {
    ws,
    stream,
    context,
    address,
    topics: new Map(),
    isOpen: true,
    misses: 0,
    tokens: context.limits.frameBurstPerSocket,
    refilledMs: nowMs,
    part: nowhere,
    position: nowhere,
  }
  address.sockets++
  ws.connection = connection
  return connection
}

/** From now on its address is limited by itself. */
export const tellApart = (connection: Connection, nowMs: number): AddressState => {
  const { addresses } = connection.context
  if (connection.address !== addresses.everybody) return connection.address
  const address = addresses.get(limitedAs(plainAddress(connection.stream.remoteAddress ?? '')), nowMs)
  connection.address.sockets--
  connection.address = address
  address.sockets++
  return address
}

/**
 * One write of bytes that all subscribers share: the library would make a header for each and write it apart. It holds
 * nothing back that this could overtake, as it does not compress, and after a close frame nothing is written.
 */
export const deliver = (connection: Connection, frame: Buffer): void => {
  const { ws, stream, context, isOpen } = connection
  if (!isOpen || ws.readyState !== WebSocket.OPEN) return
  if (ws.bufferedAmount > context.limits.bufferedBytesPerSocket) refuse(connection, 'slowConsumer')
  else stream.write(frame)
}

/** Says why, then closes. */
export const refuse = (connection: Connection, code: RefusalCode): void => {
  if (!connection.isOpen) return
  leave(connection)
  connection.context.refused(code, connection.address.name)
  connection.ws.close(refusals[code].closeCode, refusals[code].reason)
}

/** Asks the browser for a sign of life; gives the socket up after `missesMax` that were not given. */
export const beat = (connection: Connection, missesMax: number): void => {
  if (!connection.isOpen) return
  if (connection.misses >= missesMax) return void refuse(connection, 'unresponsive')
  connection.misses++
  connection.ws.ping()
}

/** Frees what others hold of the socket at once; its close may take a while. */
const leave = (connection: Connection): void => {
  connection.isOpen = false
  for (const topic of connection.topics.keys()) connection.context.hub.unsubscribe(connection, topic)
}

/** True if the frame may be looked at. Control frames cost the same. */
const admit = (connection: Connection): boolean => {
  connection.misses = 0
  if (!connection.isOpen) return false
  const { limits, counters, addresses } = connection.context
  counters.frames++
  const nowMs = Date.now()
  if (!take(connection, limits.framesPerSecondPerSocket, limits.frameBurstPerSocket, nowMs)) {
    refuse(connection, 'tooFast')
  } else if (!addresses.takeFrame(connection.address, nowMs) && !takeOwnFrame(connection, nowMs)) {
    refuse(connection, 'addressTooFast')
  } else if (connection.ws.bufferedAmount > limits.bufferedBytesPerSocket) {
    // It asks for answers that it does not read.
    refuse(connection, 'slowConsumer')
  }
  return connection.isOpen
}

/** Where all together are too fast, it may still be slow enough itself. */
const takeOwnFrame = (connection: Connection, nowMs: number): boolean => {
  const { addresses } = connection.context
  if (connection.address !== addresses.everybody) return false
  return addresses.takeFrame(tellApart(connection, nowMs), nowMs)
}

const onMessage = (connection: Connection, bytes: Buffer): void => {
  if (!admit(connection)) return
  const { context } = connection
  context.counters.framesBytes += bytes.length
  try {
    const code = handle(connection, parseFrame(bytes.toString()))
    if (code) refuse(connection, code)
  } catch (error) {
    context.failed(error)
    refuse(connection, 'internal')
  }
}

const onError = (connection: Connection, error: Error & { code?: string }): void => {
  if (!connection.isOpen) return
  leave(connection)
  const code = protocolErrors[error.code ?? '']
  // The library closes the socket with the same code. A connection that broke is nothing that was refused.
  if (code) connection.context.refused(code, connection.address.name)
  else if (error.code?.startsWith('WS_ERR_')) connection.context.refused('badFrame', connection.address.name)
}

const onClose = (connection: Connection): void => {
  if (connection.isOpen) leave(connection)
  connection.address.sockets--
  connection.context.closed(connection)
}

const protocolErrors: Readonly<Record<string, RefusalCode>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'frameTooBig',
  WS_ERR_INVALID_UTF8: 'notUtf8',
}

/** Why the socket has to go, or null. */
const handle = (connection: Connection, message: ClientMessage): RefusalCode | null => {
  const { hub, limits } = connection.context
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
      deliver(connection, pong)
      return null
    case 'malformed':
      return 'malformed'
    case 'ignored':
      return null
  }
}
