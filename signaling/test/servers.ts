/** Servers on free loopback ports that end with their test. Imports the public API, Node and vitest. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { type SignalingServer, type SignalingServerOptions, startSignalingServer } from '../src/index.ts'

export const startServer = async (options: SignalingServerOptions = {}): Promise<SignalingServer> => {
  const server = await startSignalingServer({ port: 0, host: '127.0.0.1', ...options })
  onTestFinished(() => server.close())
  return server
}

/** One in a process of its own, so that it can be killed. */
export const spawnServer = async (args: readonly string[]): Promise<{ readonly url: string; kill(): void }> => {
  const child = runProgram(['--port', '0', ...args])
  const line = await new Promise<string>((resolve) => child.stdout?.once('data', (data) => resolve(String(data))))
  const { url } = JSON.parse(line.split('\n')[0] ?? '') as { url: string }
  return { url, kill: () => void child.kill('SIGKILL') }
}

/** The program itself. */
export const runProgram = (args: readonly string[]): ChildProcess => {
  const program = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', program, '--host', '127.0.0.1', ...args])
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

export const httpUrl = (server: SignalingServer): string => server.url.replace(/^ws/, 'http')

/** Value of a metric line such as `refused_total{reason="malformed"}`. */
export const metric = async (server: SignalingServer, name: string): Promise<number> => {
  const text = await (await fetch(`${httpUrl(server)}/metrics`)).text()
  const line = text.split('\n').find((candidate) => candidate.startsWith(`parsec_signaling_${name} `))
  return Number(line?.split(' ').at(-1) ?? Number.NaN)
}
