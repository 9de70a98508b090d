/** What the server is started with, and what is checked before it starts. Imports types, addresses and ice. */
import type { Logger } from 'pino'
import { parseTrustedProxies } from './address.ts'
import type { ConnectBroker } from './backplane/broker.ts'
import type { IceOptions } from './ice.ts'
import { defaultLimits, type Limits } from './limits.ts'

export interface SignalingServerOptions {
  /** TCP port; 0 takes a free one. Default 4444. */
  readonly port?: number
  /** Address or host name to listen on. Default: every address of the machine. */
  readonly host?: string
  /** Overrides of the default limits, one by one. */
  readonly limits?: Partial<Limits>
  /** Origins (`https://app.example.org`) whose pages may connect. Default: all, and programs that send none. */
  readonly origins?: readonly string[]
  /** Each of these opens the server, as `?token=…` or `Authorization: Bearer …`. Default: none is needed. */
  readonly tokens?: readonly string[]
  /** Addresses and CIDR ranges of proxies whose `X-Forwarded-For` is believed. Default: none. */
  readonly trustedProxies?: readonly string[]
  /** Time between two signs of life asked of a socket, in milliseconds. Default 30,000. */
  readonly heartbeatMs?: number
  /** How many unanswered ones end the socket. Default 3. */
  readonly heartbeatMisses?: number
  /** PEM texts. Default: plain HTTP and WebSocket, for a TLS proxy in front. */
  readonly tls?: TlsOptions
  /** What `GET /ice` hands out. Default: nothing. */
  readonly ice?: IceOptions
  /** Shares topics with other instances: `redis://…`, `rediss://…` or a broker of one's own. Default: alone, in memory. */
  readonly backplane?: string | ConnectBroker
  /** Needed for `/metrics`, as `Authorization: Bearer …`. Default: open to whoever reaches the port. */
  readonly metricsToken?: string
  /** Memory, CPU and event-loop metrics of the whole process. One server per process should set it. Default false. */
  readonly processMetrics?: boolean
  /** Default: silent. */
  readonly logger?: Logger
  /** Writes users' addresses to the log. Default false. */
  readonly logAddresses?: boolean
}

export interface TlsOptions {
  readonly cert: string | Buffer
  readonly key: string | Buffer
}

/** An option that cannot be meant. */
export class SignalingOptionError extends Error {
  override readonly name = 'SignalingOptionError'
  readonly code = 'badOption'
  /** Path of the option, such as `limits.frameBytes`. */
  readonly option: string
  constructor(option: string, problem: string) {
    super(`${option} ${problem}`)
    this.option = option
  }
}

export interface CheckedOptions {
  readonly port: number
  readonly host: string | undefined
  readonly limits: Limits
  readonly origins: ReadonlySet<string> | null
  readonly tokens: readonly string[] | null
  readonly trustedProxies: ReturnType<typeof trusted>
  readonly heartbeatMs: number
  readonly heartbeatMisses: number
  readonly ice: IceOptions
  readonly connectBroker: ConnectBroker | null
}

/** Throws `SignalingOptionError` for what cannot be meant. */
export const checkOptions = async (options: SignalingServerOptions): Promise<CheckedOptions> => {
  const limits = { ...defaultLimits, ...options.limits }
  for (const [name, value] of Object.entries(limits)) positive(`limits.${name}`, value)
  const port = options.port ?? 4_444
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new SignalingOptionError('port', 'must be an integer from 0 to 65535')
  }
  const ice = options.ice ?? {}
  if (ice.turnTtlSeconds !== undefined) positive('ice.turnTtlSeconds', ice.turnTtlSeconds)
  if ((ice.turnUrls?.length ?? 0) > 0 !== (ice.turnSecret ?? '') > '') {
    throw new SignalingOptionError('ice', 'needs both turnUrls and turnSecret, or neither')
  }
  return {
    port,
    host: options.host,
    limits,
    origins: options.origins?.length ? new Set(options.origins.map(origin)) : null,
    tokens: options.tokens?.length ? options.tokens.map(token) : null,
    trustedProxies: trusted(options.trustedProxies ?? []),
    heartbeatMs: positive('heartbeatMs', options.heartbeatMs ?? 30_000),
    heartbeatMisses: positive('heartbeatMisses', options.heartbeatMisses ?? 3),
    ice,
    connectBroker: await broker(options.backplane),
  }
}

const positive = (option: string, value: number): number => {
  if (!Number.isFinite(value) || value <= 0) throw new SignalingOptionError(option, 'must be a number above 0')
  return value
}

const origin = (value: string): string => {
  if (!URL.canParse(value) || new URL(value).origin !== value) {
    throw new SignalingOptionError('origins', `must be like https://app.example.org, not ${value}`)
  }
  return value
}

const token = (value: string): string => {
  if (value === '') throw new SignalingOptionError('tokens', 'must not be empty')
  return value
}

const trusted = (entries: readonly string[]) => {
  const list = parseTrustedProxies(entries)
  if (!list) throw new SignalingOptionError('trustedProxies', 'must be addresses or ranges such as 10.0.0.0/8')
  return list
}

/** Whoever runs alone need not load a Redis client. */
const broker = async (backplane: string | ConnectBroker | undefined): Promise<ConnectBroker | null> => {
  if (backplane === undefined) return null
  if (typeof backplane !== 'string') return backplane
  const scheme = URL.canParse(backplane) ? new URL(backplane).protocol : ''
  if (scheme !== 'redis:' && scheme !== 'rediss:') {
    throw new SignalingOptionError('backplane', 'must be a URL such as redis://localhost:6379')
  }
  const { connectRedis } = await import('./backplane/redis-broker.ts')
  return connectRedis(backplane)
}
