/** From flags and environment to what the program does. Imports the settings. */
import { parseArgs } from 'node:util'
import type { PeerOptions } from '../index.ts'
import { environmentName, type Setting, settings } from './settings.ts'

/** Bad configuration, said in one line. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}

export interface RunConfiguration {
  readonly kind: 'run'
  readonly options: Omit<PeerOptions, 'signal'>
  readonly logLevel: string
  /** Null: no health output. */
  readonly health: { readonly host: string; readonly port: number } | null
}

export type Configuration = RunConfiguration | { readonly kind: 'help' } | { readonly kind: 'version' }

type Environment = Readonly<Record<string, string | undefined>>
type Value = string | number | readonly string[]

/** Throws `ConfigurationError`. */
export function readConfiguration(args: readonly string[], environment: Environment): Configuration {
  const flags = readFlags(args)
  if (flags['help'] === true) return { kind: 'help' }
  if (flags['version'] === true) return { kind: 'version' }
  const values = new Map<string, Value>()
  for (const setting of settings) {
    const flag = flags[setting.name]
    const variable = environmentName(setting.name)
    // An empty variable is an unset one: compose files and unit files make such.
    if (flag !== undefined) values.set(setting.name, convert(setting, flag, `--${setting.name}`))
    else if (environment[variable]) values.set(setting.name, convert(setting, environment[variable], variable))
  }
  return toConfiguration(values, environment)
}

function readFlags(args: readonly string[]): Readonly<Record<string, unknown>> {
  const options: Record<string, { type: 'string' | 'boolean'; multiple?: boolean }> = {
    help: { type: 'boolean' },
    version: { type: 'boolean' },
  }
  for (const { name, kind } of settings) options[name] = { type: 'string', multiple: kind === 'list' }
  try {
    return parseArgs({ args: [...args], options, strict: true }).values
  } catch (error) {
    // The first sentence; Node goes on with advice about dashes.
    throw new ConfigurationError((error as Error).message.split(/\.\s/)[0])
  }
}

function convert({ kind }: Setting, given: unknown, source: string): Value {
  if (kind === 'list') return typeof given === 'string' ? given.split(',').map((item) => item.trim()) : toList(given)
  const text = String(given)
  if (kind === 'text') return text
  const number = Number(text)
  if (text.trim() === '' || !Number.isInteger(number)) throw new ConfigurationError(`${source} must be a whole number`)
  return number
}

function toList(given: unknown): readonly string[] {
  return Array.isArray(given) ? given.map(String) : []
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent']
const portMax = 65_535

function toConfiguration(values: ReadonlyMap<string, Value>, environment: Environment): RunConfiguration {
  const get = <T extends Value>(name: string): T | undefined => values.get(name) as T | undefined
  const optional = <T extends Value>(name: string, key: string) => {
    const value = get<T>(name)
    return value === undefined ? {} : { [key]: value }
  }
  const port = get<number>('health-port')
  if (port !== undefined && (port < 0 || port > portMax)) {
    throw new ConfigurationError(`health-port must be from 0 to ${portMax}`)
  }
  const logLevel = get<string>('log-level') ?? 'info'
  if (!logLevels.includes(logLevel)) throw new ConfigurationError(`log-level must be one of ${logLevels.join(', ')}`)
  const iceServers = get<string>('ice-servers')
  return {
    kind: 'run',
    options: {
      room: required(get<string>('room'), 'room'),
      signaling: required(get<readonly string[]>('signaling'), 'signaling'),
      // systemd separates several directories by colons; the first one is ours.
      data: get<string>('data') ?? (environment['STATE_DIRECTORY']?.split(':')[0] || 'parsec-web-peer'),
      ...optional<string>('password', 'password'),
      ...optional<string>('invitation', 'invitation'),
      ...optional<number>('max-voters', 'maxVoters'),
      ...(iceServers === undefined ? {} : { iceServers: parseIceServers(iceServers) }),
    },
    logLevel,
    health: port === undefined ? null : { host: get<string>('health-host') ?? '127.0.0.1', port },
  }
}

function required<T extends Value>(value: T | undefined, name: string): T {
  if (value === undefined || value === '') throw new ConfigurationError(`--${name} is needed; --help tells more`)
  return value
}

function parseIceServers(text: string): readonly RTCIceServer[] {
  const problem = new ConfigurationError('ice-servers must be JSON such as [{"urls":"stun:stun.example.org"}]')
  let servers: unknown
  try {
    servers = JSON.parse(text)
  } catch {
    throw problem
  }
  if (!Array.isArray(servers) || !servers.every(isIceServer)) throw problem
  return servers
}

function isIceServer(value: unknown): value is RTCIceServer {
  if (typeof value !== 'object' || value === null || !('urls' in value)) return false
  const { urls, username, credential } = value as Record<string, unknown>
  const isText = (each: unknown) => typeof each === 'string'
  const isOptionalText = (each: unknown) => each === undefined || isText(each)
  return (isText(urls) || (Array.isArray(urls) && urls.every(isText))) && [username, credential].every(isOptionalText)
}
