/** Starts and ends a server. Imports options and the instance. */
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer, Server as HttpsServer } from 'node:https'
import { type AddressInfo, isIP } from 'node:net'
import { pino } from 'pino'
import { type CloseOptions, closeInstance, createInstance, type HttpServer } from './instance.ts'
import {
  type CheckedOptions,
  checkOptions,
  SignalingOptionError,
  type SignalingServerOptions,
  type TlsOptions,
} from './options.ts'

export interface SignalingServer {
  /** Address for clients on this machine, such as `ws://localhost:4444`. */
  readonly url: string
  readonly port: number
  /** Takes a renewed certificate without closing a socket. Throws if the server was started without TLS. */
  setCertificate(tls: TlsOptions): void
  /** Closes every socket with code 1001 and resolves when the port is free again. Never rejects. */
  close(options?: CloseOptions): Promise<void>
}

/** A request that dawdles is cut off; nothing here needs large headers. */
const httpOptions = {
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16_384,
}

/** Beyond the sockets: health checks, scrapes, handshakes under way. */
const spareConnections = 1_000

/**
 * Resolves when the server accepts sockets. Rejects with `SignalingOptionError` for an option that cannot be meant, and
 * with Node's error (`EADDRINUSE`, `EACCES`, …) when it cannot listen. A broker that is away does not keep it from
 * starting.
 */
export const startSignalingServer = async (options: SignalingServerOptions = {}): Promise<SignalingServer> => {
  const checked = await checkOptions(options)
  const logger = options.logger ?? pino({ level: 'silent' })
  const server = createServer(options.tls)
  server.maxConnections = checked.limits.sockets + spareConnections
  await listen(server, checked)
  const instance = createInstance(server, checked, options, logger)
  const { port } = server.address() as AddressInfo
  const url = `${options.tls ? 'wss' : 'ws'}://${hostForUrl(checked.host)}:${port}`
  logger.info({ url, port }, 'the signaling server is up')
  let closing: Promise<void> | null = null
  return {
    url,
    port,
    setCertificate({ cert, key }) {
      if (!(server instanceof HttpsServer)) throw new TypeError('the server was started without TLS')
      server.setSecureContext({ cert, key })
    },
    close(closeOptions = {}) {
      closing ??= closeInstance(instance, closeOptions.drainMs ?? 0)
      return closing
    },
  }
}

const createServer = (tls: TlsOptions | undefined): HttpServer => {
  if (!tls) return createHttpServer(httpOptions)
  try {
    return createHttpsServer({ ...tls, ...httpOptions })
  } catch (error) {
    throw new SignalingOptionError('tls', `does not hold a certificate and its key: ${(error as Error).message}`)
  }
}

const listen = (server: HttpServer, { port, host }: CheckedOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })

const hostForUrl = (host: string | undefined): string => {
  if (host === undefined || host === '0.0.0.0' || host === '::') return 'localhost'
  return isIP(host) === 6 ? `[${host}]` : host
}
