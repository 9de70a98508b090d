/** `npm start`: the signaling server and the demo, on their usual ports or on free ones. Ctrl-C ends both. */
import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'
import { type SignalingServer, startSignalingServer } from '../signaling/src/index.ts'

// The demo knows this address without being told.
const usualSignalingPort = 4444

const signaling = await startSignaling()
const demo = await createServer({
  configFile: fileURLToPath(new URL('../vite.config.ts', import.meta.url)),
  clearScreen: false,
  logLevel: 'warn',
})
await demo.listen()

const url = new URL(demo.resolvedUrls?.local[0] ?? `http://localhost:${demo.config.server.port}/`)
if (signaling.port !== usualSignalingPort) url.searchParams.set('signaling', signaling.url)
console.log(`Signaling server  ${signaling.url}`)
console.log(`Demo              ${url.href}`)
console.log('Open the demo in two or more tabs. Ctrl-C ends both.')

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void stop())

async function startSignaling(): Promise<SignalingServer> {
  try {
    return await startSignalingServer({ port: usualSignalingPort, host: 'localhost' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    return await startSignalingServer({ port: 0, host: 'localhost' })
  }
}

async function stop(): Promise<void> {
  await Promise.all([demo.close(), signaling.close()])
}
