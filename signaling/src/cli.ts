/** The program `parsec-web-signaling`. Imports the public API and the configuration. */
import { readFileSync } from 'node:fs'
import { type Logger, pino } from 'pino'
import { ConfigError, type Configuration, loadConfiguration } from './config/load.ts'
import { helpText } from './config/settings.ts'
import { SignalingOptionError, type SignalingServer, startSignalingServer } from './index.ts'

const main = async (): Promise<void> => {
  const configuration = loadConfiguration(process.argv.slice(2), process.env)
  if (configuration.help) return void process.stdout.write(helpText())
  if (configuration.version) return void process.stdout.write(`${packageVersion()}\n`)
  const isTerminal = process.stdout.isTTY === true
  const logger = pino({ level: configuration.logLevel ?? (isTerminal ? 'warn' : 'info') })
  const server = await startSignalingServer({ ...configuration.options, logger, processMetrics: true })
  if (isTerminal) console.log(`Signaling server at ${server.url} (Ctrl-C ends it)`)
  handleSignals(server, configuration, logger)
}

const handleSignals = (server: SignalingServer, { drainMs, readTls }: Configuration, logger: Logger): void => {
  let isEnding = false
  const end = (): void => {
    // Whoever asks twice does not want to wait.
    if (isEnding) process.exit(1)
    isEnding = true
    void server.close({ drainMs }).then(() => process.exit(0))
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
  process.on('SIGHUP', () => {
    try {
      if (readTls) server.setCertificate(readTls())
      logger.info('the certificate was read again')
    } catch (error) {
      logger.error({ err: error }, 'the old certificate stays')
    }
  })
}

const packageVersion = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return String((manifest as { version: unknown }).version)
}

/** What is wrong and whose move it is, in one line; a defect of ours keeps its stack. */
const explain = (error: unknown): string => {
  if (error instanceof ConfigError || error instanceof SignalingOptionError) return error.message
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return `the port is in use (${message}); choose another with --port`
  if (code === 'EACCES') return `the port needs more rights (${message}); choose one above 1023 with --port`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `this machine has no such address (${message})`
  return error instanceof Error ? (error.stack ?? message) : String(error)
}

main().catch((error: unknown) => {
  process.stderr.write(`parsec-web-signaling: ${explain(error)}\n`)
  process.exitCode = 1
})
