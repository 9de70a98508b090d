import { expect, test } from 'vitest'
import { connect } from '../test/client.ts'
import { startServer } from '../test/servers.ts'
import { textFrame } from './text-frame.ts'

test.each([
  [0, '8100'],
  [5, '8105'],
  [125, '817d'],
  [126, '817e007e'],
  [65_535, '817effff'],
  [65_536, '817f0000000000010000'],
])('a text of %i bytes follows the header that RFC 6455, section 5.2, lays down', (length, head) => {
  const payload = Buffer.alloc(length, 'a')
  expect(textFrame(payload).equals(Buffer.concat([Buffer.from(head, 'hex'), payload]))).toBe(true)
})

test('what is relayed reads the same to a WebSocket client whatever its length', async () => {
  const server = await startServer({ limits: { frameBytes: 70_000 } })
  const client = await connect(server.url)
  client.send({ type: 'subscribe', topics: ['t'] })
  for (const length of [0, 60, 70, 80, 90, 65_400, 65_500, 69_000]) {
    const data = 'ä'.repeat(length % 2) + 'x'.repeat(length)
    client.send({ type: 'publish', topic: 't', data })
    expect(await client.next()).toEqual({ type: 'publish', topic: 't', data, clients: 1 })
  }
})
