/** `parsec-web-signaling [--port 4444] [--host …]` */
import { parseArgs } from 'node:util'
import { startSignalingServer } from './index.ts'

const { values } = parseArgs({ options: { port: { type: 'string', default: '4444' }, host: { type: 'string' } } })
const server = await startSignalingServer({
  port: Number(values.port),
  ...(values.host === undefined ? {} : { host: values.host }),
})
console.log(`Signaling server at ${server.url}`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close())
