/**
 * `npm start [-- --host]`: the signaling server and the demo as it is built, on their usual ports or on free ones; with
 * `--host` also for other devices in this network. Ctrl-C ends both.
 */
import { networkInterfaces } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build, preview } from 'vite'
import { type SignalingServer, startSignalingServer } from '../signaling/src/index.ts'

// The demo looks for it there, on the machine that it was loaded from, without being told.
const usualSignalingPort = 4444
const usualPort = 5173

const { values } = parseArgs({ options: { host: { type: 'boolean', default: false } } })
const host = values.host ? '0.0.0.0' : 'localhost'
const options = {
  configFile: fileURLToPath(new URL('../demo/vite.config.ts', import.meta.url)),
  clearScreen: false,
  logLevel: 'warn',
  build: { chunkSizeWarningLimit: 1_000 },
} as const

const signaling = await startSignaling()
await build(options)
const demo = await preview({ ...options, preview: { port: usualPort, host } })

const { port } = new URL(demo.resolvedUrls?.local[0] ?? `http://localhost:${usualPort}/`)
console.log(`Signaling server  ${signaling.url}`)
for (const name of ['localhost', ...(values.host ? ownAddresses() : [])])
  console.log(`Demo              ${addressAt(name)}`)
console.log('Open the demo in two or more tabs. Ctrl-C ends both.')

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void stop())

function addressAt(name: string): string {
  const url = new URL(`http://${name}:${port}/`)
  if (signaling.port !== usualSignalingPort) url.searchParams.set('signaling', `ws://${name}:${signaling.port}`)
  return url.href
}

/** Where other devices of this network find this machine. */
function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.flatMap(({ family, internal, address }) => (family === 'IPv4' && !internal ? address : [])),
  )
}

async function startSignaling(): Promise<SignalingServer> {
  try {
    return await startSignalingServer({ port: usualSignalingPort, host })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    return await startSignalingServer({ port: 0, host })
  }
}

async function stop(): Promise<void> {
  await Promise.all([demo.close(), signaling.close()])
}
