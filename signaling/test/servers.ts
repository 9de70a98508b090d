/** Servers on free loopback ports that end with their test. Imports the public API and vitest. */
import { onTestFinished } from 'vitest'
import { type SignalingServer, type SignalingServerOptions, startSignalingServer } from '../src/index.ts'

export const startServer = async (options: SignalingServerOptions = {}): Promise<SignalingServer> => {
  const server = await startSignalingServer({ port: 0, host: '127.0.0.1', ...options })
  onTestFinished(() => server.close())
  return server
}

export const httpUrl = (server: SignalingServer): string => server.url.replace(/^ws/, 'http')

/** Value of a metric line such as `refused_total{reason="malformed"}`. */
export const metric = async (server: SignalingServer, name: string): Promise<number> => {
  const text = await (await fetch(`${httpUrl(server)}/metrics`)).text()
  const line = text.split('\n').find((candidate) => candidate.startsWith(`parsec_signaling_${name} `))
  return Number(line?.split(' ').at(-1) ?? Number.NaN)
}
