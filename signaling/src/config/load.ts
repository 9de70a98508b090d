/** From flags, environment and file to options. Imports settings and options. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Limits } from '../limits.ts'
import type { SignalingServerOptions } from '../options.ts'
import { allSettings, environmentName, limitSettings, type Setting } from './settings.ts'

/** Bad configuration, said in one line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

export interface Configuration {
  readonly options: SignalingServerOptions
  readonly drainMs: number
  /** Null if nothing was said about it. */
  readonly logLevel: string | null
  /** Reads the certificate's files; null without TLS. */
  readonly readTls: (() => { cert: Buffer; key: Buffer }) | null
  readonly help: boolean
  readonly version: boolean
}

type Value = string | number | boolean | readonly string[]
type Values = ReadonlyMap<string, Value>

export const loadConfiguration = (
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Configuration => {
  const flags = readFlags(args)
  const fromEnvironment = readEnvironment(environment)
  const file = flags.values.get('config') ?? fromEnvironment.get('config')
  const fromFile: Values = typeof file === 'string' ? readConfigFile(file) : new Map()
  const values: Values = new Map([...fromFile, ...fromEnvironment, ...flags.values])
  return { ...toConfiguration(values), help: flags.help, version: flags.version }
}

const readFlags = (args: readonly string[]): { values: Values; help: boolean; version: boolean } => {
  const options: Record<string, { type: 'string' | 'boolean'; multiple?: boolean }> = {
    help: { type: 'boolean' },
    version: { type: 'boolean' },
  }
  for (const { name, kind } of allSettings) {
    options[name] = kind === 'boolean' ? { type: 'boolean' } : { type: 'string', multiple: kind === 'list' }
  }
  let parsed: Record<string, unknown>
  try {
    parsed = parseArgs({ args: [...args], options, strict: true }).values
  } catch (error) {
    // The first sentence; Node goes on with advice about dashes.
    throw new ConfigError((error as Error).message.split(/\.\s/)[0] ?? 'unknown option')
  }
  const values = new Map<string, Value>()
  for (const setting of allSettings) {
    const value = parsed[setting.name]
    if (value !== undefined) values.set(setting.name, convert(setting, value, `--${setting.name}`))
  }
  return { values, help: parsed['help'] === true, version: parsed['version'] === true }
}

/** An empty variable is an unset one: compose files and unit files make such. */
const readEnvironment = (environment: Readonly<Record<string, string | undefined>>): Values => {
  const values = new Map<string, Value>()
  for (const setting of allSettings) {
    const own = environmentName(setting.name)
    const variable = setting.name === 'port' && !environment[own] ? 'PORT' : own
    const text = environment[variable]
    if (!text) continue
    const value = setting.kind === 'list' ? text.split(',').map((item) => item.trim()) : text
    values.set(setting.name, convert(setting, value, variable))
  }
  return values
}

const readConfigFile = (path: string): Values => {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new ConfigError(`cannot read ${path}: ${(error as Error).message}`)
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ConfigError(`${path} must hold one JSON object`)
  }
  const values = new Map<string, Value>()
  for (const [name, value] of Object.entries(content)) {
    const setting = allSettings.find((candidate) => candidate.name === name && name !== 'config')
    if (!setting) throw new ConfigError(`${path} has an unknown key ${JSON.stringify(name)}`)
    values.set(name, convert(setting, value, `${name} in ${path}`))
  }
  return values
}

const convert = ({ kind }: Setting, value: unknown, source: string): Value => {
  switch (kind) {
    case 'number': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
      if (typeof number === 'number' && Number.isFinite(number)) return number
      throw new ConfigError(`${source} must be a number`)
    }
    case 'boolean':
      if (value === true || value === 'true' || value === '1') return true
      if (value === false || value === 'false' || value === '0') return false
      throw new ConfigError(`${source} must be true or false`)
    case 'list': {
      const list = typeof value === 'string' ? [value] : value
      if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list
      throw new ConfigError(`${source} must be a list of texts`)
    }
    case 'text':
      if (typeof value === 'string') return value
      throw new ConfigError(`${source} must be a text`)
  }
}

const toConfiguration = (values: Values): Omit<Configuration, 'help' | 'version'> => {
  const get = <T extends Value>(name: string): T | undefined => values.get(name) as T | undefined
  const seconds = (name: string) => milliseconds(get<number>(name))
  const limits: Partial<Record<keyof Limits, number>> = {}
  for (const [key, { name }] of Object.entries(limitSettings)) {
    const value = get<number>(name)
    if (value !== undefined) limits[key as keyof Limits] = value
  }
  const readTls = tlsReader(get<string>('tls-cert'), get<string>('tls-key'))
  const options: Optional<SignalingServerOptions> = {
    port: get<number>('port'),
    host: get<string>('host'),
    limits,
    origins: get<readonly string[]>('origin'),
    tokens: get<readonly string[]>('token'),
    trustedProxies: get<readonly string[]>('trusted-proxy'),
    heartbeatMs: seconds('heartbeat'),
    heartbeatMisses: get<number>('heartbeat-misses'),
    tls: readTls?.(),
    ice: withoutUndefined({
      stunUrls: get<readonly string[]>('stun-url'),
      turnUrls: get<readonly string[]>('turn-url'),
      turnSecret: get<string>('turn-secret'),
      turnTtlSeconds: get<number>('turn-ttl'),
    }),
    backplane: get<string>('backplane'),
    metricsToken: get<string>('metrics-token'),
    logAddresses: get<boolean>('log-addresses'),
  }
  const drainMs = seconds('drain') ?? 5_000
  if (drainMs < 0) throw new ConfigError('drain must not be negative')
  return { options: withoutUndefined(options), drainMs, logLevel: logLevel(get<string>('log-level')), readTls }
}

const milliseconds = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : seconds * 1_000

const logLevel = (level: string | undefined): string | null => {
  if (level === undefined) return null
  if (['trace', 'debug', 'info', 'warn', 'error', 'silent'].includes(level)) return level
  throw new ConfigError('log-level must be trace, debug, info, warn, error or silent')
}

const tlsReader = (cert: string | undefined, key: string | undefined): Configuration['readTls'] => {
  if (cert === undefined && key === undefined) return null
  if (cert === undefined || key === undefined) throw new ConfigError('tls-cert and tls-key need each other')
  return () => {
    try {
      return { cert: readFileSync(cert), key: readFileSync(key) }
    } catch (error) {
      throw new ConfigError(`cannot read the certificate: ${(error as Error).message}`)
    }
  }
}

type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined }

/** An absent option and an undefined one are different things to the type checker. */
const withoutUndefined = <T extends object>(object: Optional<T>): T =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
