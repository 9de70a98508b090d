/** The program `parsec-web-peer`, which `parsec-web peer` runs as well. Imports the package's public API and this folder. */
import { readFileSync } from 'node:fs'
import { ParsecError, type ParsecErrorCode, type Section } from 'parsec-web'
import { type Logger, pino } from 'pino'
import { joinSection } from '../index.ts'
import { ConfigurationError, type RunConfiguration, readConfiguration } from './configuration.ts'
import { serveHealth } from './health.ts'
import { helpText } from './settings.ts'
import { logSection } from './watch.ts'

const exitCodes = { stopped: 0, failed: 1, needsAPerson: 2 } as const

/** Ends the process when the peer has ended. */
export async function run(args: readonly string[]): Promise<void> {
  try {
    const configuration = readConfiguration(args, process.env)
    if (configuration.kind === 'help') return void process.stdout.write(helpText())
    if (configuration.kind === 'version') return void process.stdout.write(`${packageVersion()}\n`)
    await keepAlive(configuration)
  } catch (error) {
    process.stderr.write(`parsec-web-peer: ${explain(error)}\n`)
    // The native WebRTC stack holds the process open.
    process.exit(needsAPerson(error) ? exitCodes.needsAPerson : exitCodes.failed)
  }
}

async function keepAlive({ options, health, logLevel }: RunConfiguration): Promise<void> {
  const logger = pino({ level: logLevel })
  const joining = new AbortController()
  let section: Section | null = null
  let isStopping = false
  const stop = (signal: NodeJS.Signals) => {
    // Whoever asks twice does not want to wait.
    if (isStopping) process.exit(exitCodes.failed)
    isStopping = true
    logger.info({ signal }, 'stopping')
    if (section === null) joining.abort()
    else void end(section, exitCodes.stopped, logger)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  if (health !== null) {
    const { port } = await serveHealth(health, () => section)
    logger.info({ host: health.host, port }, 'health output')
  }
  logger.info({ room: options.room, data: options.data }, 'joining')
  try {
    section = await joinSection({ ...options, signal: joining.signal })
  } catch (error) {
    if (isStopping) process.exit(exitCodes.stopped)
    throw error
  }
  logger.info({ peer: section.me, section: section.id }, 'a member')
  logSection(section, logger)
  endWhenOver(section, logger)
}

/** By an alarm, which storage can cause as well, or by removal: neither heals while the process runs. */
function endWhenOver(section: Section, logger: Logger): void {
  let isOver = false
  const check = () => {
    const { state, role } = section.status
    if (isOver || (state !== 'stopped' && role !== 'removed')) return
    isOver = true
    if (role === 'removed') logger.error('the section removed this member: start with another --data to ask anew')
    void end(section, role === 'removed' ? exitCodes.needsAPerson : exitCodes.failed, logger)
  }
  section.on('status', check)
  check()
}

async function end(section: Section, code: number, logger: Logger): Promise<void> {
  let exitCode = code
  try {
    await section.close()
    logger.info({ height: section.status.height }, 'stopped')
  } catch (error) {
    exitCode = exitCodes.failed
    logger.error({ err: error }, 'stopped with an error')
  }
  process.exit(exitCode)
}

const forPersons: ReadonlySet<ParsecErrorCode> = new Set(['badOptions', 'badInvitation', 'unsupported'])

function needsAPerson(error: unknown): boolean {
  return error instanceof ConfigurationError || (error instanceof ParsecError && forPersons.has(error.code))
}

/** What is wrong and whose move it is, in one line; a defect of ours keeps its stack. */
function explain(error: unknown): string {
  if (error instanceof ConfigurationError) return error.message
  if (error instanceof ParsecError) return error.code === 'stopped' ? (error.stack ?? error.message) : error.message
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return `the health port is in use (${message}); choose another with --health-port`
  if (code === 'EACCES') return `the health port needs more rights (${message}); choose one above 1023`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `this machine has no such address (${message})`
  return error instanceof Error ? (error.stack ?? message) : String(error)
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return String((manifest as { version: unknown }).version)
}
