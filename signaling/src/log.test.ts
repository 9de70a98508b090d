import { pino } from 'pino'
import { expect, test } from 'vitest'
import { connect, subscribe } from '../test/client.ts'
import { startServer } from '../test/servers.ts'
import { startSignalingServer } from './index.ts'

const capture = () => {
  const lines: string[] = []
  return { lines, logger: pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) }) }
}

/** Everything that a server logs about one user that is refused. */
const logOfRefusal = async (logAddresses: boolean): Promise<string> => {
  const { lines, logger } = capture()
  const server = await startSignalingServer({
    port: 0,
    host: '127.0.0.1',
    trustedProxies: ['127.0.0.1'],
    logger,
    logAddresses,
  })
  const client = await connect(`${server.url}/?token=hush`, { headers: { 'x-forwarded-for': '192.0.2.7' } })
  await subscribe(client, 'secret room')
  client.socket.send('secret message')
  await client.closed
  await server.close()
  return lines.join('')
}

test('names no address, room, message or token by default, and sums up what was refused', async () => {
  const log = await logOfRefusal(false)
  expect(log).not.toMatch(/192\.0\.2\.7|secret|hush/)
  expect(log).toContain('"refused":{"malformed":1}')
})

test('names addresses when asked to', async () => {
  expect(await logOfRefusal(true)).toContain('"address":"192.0.2.7"')
})

test('says once that a proxy may be unknown to it', async () => {
  const { lines, logger } = capture()
  const server = await startServer({ logger })
  for (let i = 0; i < 2; i++) await connect(server.url, { headers: { 'x-forwarded-for': '192.0.2.7' } })
  expect(lines.filter((line) => line.includes('--trusted-proxy'))).toHaveLength(1)
})
