/** One running server: joins HTTP, sockets, limits, hub and backplane. Imports everything but `server.ts` and the CLI. */
import type { IncomingMessage, Server } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { WebSocketServer } from 'ws'
import { clientAddress, limitedAs, plainAddress } from './address.ts'
import { type Addresses, type AddressState, createAddresses } from './addresses.ts'
import { openBackplane } from './backplane/backplane.ts'
import {
  beat,
  type Connection,
  type ConnectionContext,
  deliver,
  openConnection,
  refuse,
  ServedSocket,
  tellApart,
} from './connection.ts'
import { createCounters } from './counters.ts'
import { type Heartbeat, startHeartbeat } from './heartbeat.ts'
import { createHttpHandler } from './http.ts'
import { createHub, type Hub, type OpenBackplane } from './hub.ts'
import { createMetrics } from './metrics.ts'
import type { CheckedOptions, SignalingServerOptions } from './options.ts'
import { createRefusalLog, type RefusalLog } from './refusal-log.ts'
import { refusalOf, refuseUpgrade } from './upgrade.ts'

export interface CloseOptions {
  /**
   * The sockets are closed one by one over this time, so that their clients do not all come back at one moment. New
   * ones are refused and `/readyz` says no from the start. In milliseconds, default 0.
   */
  readonly drainMs?: number
}

export type HttpServer = Server | HttpsServer

/** A socket that was told to close is cut off after this long. */
const closeTimeoutMs = 2_000
const sweepMs = 10_000
const drainStepMs = 50

export interface Instance {
  readonly server: HttpServer
  readonly checked: CheckedOptions
  readonly logger: Logger
  readonly addresses: Addresses
  readonly logsAddresses: boolean
  /** Every open socket. */
  readonly connections: Heartbeat<Connection>
  readonly refusalLog: RefusalLog
  readonly hub: Hub<Connection>
  readonly sweepTimer: NodeJS.Timeout
  isDraining: boolean
}

export const createInstance = (
  server: HttpServer,
  checked: CheckedOptions,
  options: SignalingServerOptions,
  logger: Logger,
): Instance => {
  const { limits } = checked
  const counters = createCounters()
  const addresses = createAddresses(limits)
  const logsAddresses = options.logAddresses ?? false
  const refusalLog = createRefusalLog(logger, counters, logsAddresses)
  const hub = createHub<Connection>(deliver, limits.subscribersPerTopic, counters, backplaneOpener(checked, logger))
  const instance: Instance = {
    server,
    checked,
    logger,
    addresses,
    logsAddresses,
    connections: startHeartbeat(checked.heartbeatMs, (connection) => beat(connection, checked.heartbeatMisses)),
    refusalLog,
    hub,
    sweepTimer: setInterval(() => addresses.sweep(Date.now()), sweepMs),
    isDraining: false,
  }
  const failed = (error: unknown): void => logger.error({ err: error }, 'internal error')
  const source = {
    counters,
    backplane: hub.backplane,
    sockets: () => instance.connections.size,
    topics: () => hub.topics,
    addresses: () => addresses.size,
    isDraining: () => instance.isDraining,
  }
  const handleRequest = createHttpHandler({
    access: checked,
    ice: checked.ice,
    metrics: createMetrics(source, options.processMetrics ?? false),
    metricsToken: options.metricsToken ?? null,
    counters,
    isDraining: source.isDraining,
    isBackplaneUp: () => hub.backplane?.isUp ?? null,
    takeConnection(request) {
      const nowMs = Date.now()
      return addresses.takeConnection(whoAsks(instance, request, nowMs), nowMs)
    },
    refused: (code, request) => refusalLog.add(code, whoAsks(instance, request, Date.now()).name),
    failed,
  })
  server.on('request', handleRequest)
  // Beyond `maxConnections` Node closes what it has just accepted.
  server.on('drop', () => refusalLog.add('full', ''))
  server.on('clientError', (_error, socket) => {
    refusalLog.add('badHttp', '')
    refuseUpgrade(socket, 'badHttp')
  })
  const closed = (connection: Connection): void => instance.connections.remove(connection)
  acceptSockets(instance, { hub, limits, addresses, counters, refused: refusalLog.add, failed, closed })
  return instance
}

const backplaneOpener = ({ connectBroker }: CheckedOptions, logger: Logger): OpenBackplane | null =>
  connectBroker &&
  ((host) =>
    openBackplane(connectBroker, {
      ...host,
      stateChanged(isUp, reason) {
        if (isUp) logger.info('the backplane is up')
        else logger.warn({ reason }, 'the backplane is down: topics are local until it is back')
      },
    }))

const acceptSockets = (instance: Instance, context: ConnectionContext): void => {
  const { connections, refusalLog, addresses, checked } = instance
  const wss = createWebSocketServer(context.limits.frameBytes)
  wss.on('wsClientError', (_error, socket) => {
    refusalLog.add('badUpgrade', '')
    refuseUpgrade(socket, 'badUpgrade')
  })
  const door = {
    access: checked,
    addresses,
    limits: context.limits,
    isDraining: () => instance.isDraining,
    sockets: () => connections.size,
  }
  const hintAtProxy = createProxyHint(instance)
  // Node's own stream of a request that comes over a network is its socket.
  instance.server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const nowMs = Date.now()
    const address = whoConnects(instance, request, nowMs)
    hintAtProxy(request, address)
    const code = refusalOf(request, address, door, nowMs)
    if (code) {
      refusalLog.add(code, address.name)
      return refuseUpgrade(socket, code)
    }
    wss.handleUpgrade(request, socket, head, (ws) => {
      context.counters.connections++
      connections.add(openConnection(ws, socket, address, context, nowMs))
    })
  })
}

const whoAsks = ({ checked, addresses }: Instance, request: IncomingMessage, nowMs: number): AddressState =>
  addresses.get(limitedAs(clientAddress(request, checked.trustedProxies)), nowMs)

/** Everybody, unless it matters who; a name that a proxy gave is not to be had later. */
const whoConnects = (instance: Instance, request: IncomingMessage, nowMs: number): AddressState => {
  const { addresses, connections, logsAddresses } = instance
  const isNamed = logsAddresses || request.headers['x-forwarded-for'] !== undefined
  if (!isNamed && !addresses.isCrowded(connections.size, nowMs)) return addresses.everybody
  // What an address has open is counted from here on.
  if (addresses.everybody.sockets > 0) for (const connection of connections.members()) tellApart(connection, nowMs)
  return whoAsks(instance, request, nowMs)
}

/** A proxy that nobody told us about makes all its users one address, with one address's limits: say so, once. */
const createProxyHint = ({ logger }: Instance) => {
  let isSaid = false
  return (request: IncomingMessage, address: AddressState): void => {
    if (isSaid || request.headers['x-forwarded-for'] === undefined) return
    if (address.name !== limitedAs(plainAddress(request.socket.remoteAddress ?? ''))) return
    isSaid = true
    logger.warn('X-Forwarded-For came from an address that is no trusted proxy; if it is yours, set --trusted-proxy')
  }
}

const createWebSocketServer = (frameBytes: number) => {
  const options = {
    noServer: true,
    WebSocket: ServedSocket,
    // The server keeps its own set.
    clientTracking: false,
    // What is sent beside the library, in `connection.ts`, relies on this as well.
    perMessageDeflate: false,
    maxPayload: frameBytes,
    maxFragments: 1_024,
    maxBufferedChunks: 4_096,
    // Known to the library, not yet to its types.
    closeTimeout: closeTimeoutMs,
  }
  return new WebSocketServer(options)
}

export const closeInstance = async (instance: Instance, drainMs: number): Promise<void> => {
  const { server, connections, logger } = instance
  instance.isDraining = true
  logger.info({ sockets: connections.size, drainMs }, 'draining')
  await drain(connections.members(), drainMs)
  const freed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  // Longer than any socket takes that was told to close; what is left are requests that do not end.
  const cutOff = setTimeout(() => {
    for (const connection of connections.members()) connection.ws.terminate()
    server.closeAllConnections()
  }, closeTimeoutMs + 500)
  await freed
  clearTimeout(cutOff)
  clearInterval(instance.sweepTimer)
  connections.stop()
  instance.refusalLog.stop()
  await instance.hub.backplane?.close()
  logger.info('the signaling server has ended')
}

const drain = async (connections: readonly Connection[], drainMs: number): Promise<void> => {
  const steps = connections.length === 0 ? 1 : Math.max(1, Math.ceil(drainMs / drainStepMs))
  for (let step = 0; step < steps; step++) {
    const [from, to] = [step, step + 1].map((n) => Math.floor((n * connections.length) / steps))
    for (const connection of connections.slice(from, to)) refuse(connection, 'draining')
    if (step < steps - 1) await delay(drainStepMs)
  }
}
