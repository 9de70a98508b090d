import { request } from 'node:http'
import { connect as connectTcp, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { connect, subscribe } from '../test/client.ts'
import { httpUrl, metric, startServer } from '../test/servers.ts'
import { type RefusalCode, refusals } from './refusals.ts'

const refused = (code: RefusalCode) => ({ code: refusals[code].closeCode, reason: refusals[code].reason })
const counted = (code: RefusalCode) => `refused_total{reason="${code}"}`

test.each<[RefusalCode, string]>([
  ['malformed', '{'],
  ['malformed', '{"type":"subscribe","topics":"a"}'],
  ['topicTooLong', '{"type":"subscribe","topics":["12345678901"]}'],
  ['topicTooLong', '{"type":"publish","topic":"12345678901"}'],
  ['tooManyTopics', '{"type":"subscribe","topics":["a","b","c"]}'],
])('closes the socket for %s, says so and counts it: %s', async (code, frame) => {
  const server = await startServer({ limits: { topicLength: 10, topicsPerSocket: 2 } })
  const client = await connect(server.url)
  client.socket.send(frame)
  expect(await client.closed).toEqual(refused(code))
  expect(await metric(server, counted(code))).toBe(1)
})

test('a message nested too deep to be relayed closes the socket', async () => {
  const server = await startServer()
  const client = await connect(server.url)
  await subscribe(client, 'a')
  client.socket.send(`{"type":"publish","topic":"a","data":${'['.repeat(30_000)}${']'.repeat(30_000)}}`)
  expect(await client.closed).toEqual(refused('malformed'))
})

test('a frame over the limit closes the socket with 1009, one of the limit is relayed', async () => {
  const server = await startServer({ limits: { frameBytes: 200 } })
  const client = await connect(server.url)
  await subscribe(client, 'a')
  const frame = (length: number) => `{"type":"publish","topic":"a","data":"`.padEnd(length - 2, 'x').concat('"}')
  client.socket.send(frame(200))
  expect(await client.next()).toMatchObject({ type: 'publish' })
  client.socket.send(frame(201))
  expect((await client.closed).code).toBe(1009)
  expect(await metric(server, counted('frameTooBig'))).toBe(1)
})

test('text that is not UTF-8 and bytes that are no frame are counted apart', async () => {
  const server = await startServer()
  const [text, junk] = await Promise.all([connect(server.url), connect(server.url)])
  text.socket.send(Buffer.from([0xc3, 0x28]), { binary: false })
  expect((await text.closed).code).toBe(1007)
  // @ts-expect-error There is no public way to send what is not a frame.
  ;(junk.socket._socket as Socket).write(Buffer.alloc(8, 0xff))
  expect((await junk.closed).code).toBe(1002)
  expect(await metric(server, counted('notUtf8'))).toBe(1)
  expect(await metric(server, counted('badFrame'))).toBe(1)
})

test('a full topic refuses the next subscriber', async () => {
  const server = await startServer({ limits: { subscribersPerTopic: 1 } })
  const [alice, bob] = await Promise.all([connect(server.url), connect(server.url)])
  await subscribe(alice, 'a')
  bob.send({ type: 'subscribe', topics: ['a'] })
  expect(await bob.closed).toEqual(refused('topicFull'))
  expect(await alice.flush()).toEqual([])
})

test('a socket may send its burst and no more; control frames count', async () => {
  const server = await startServer({ limits: { framesPerSecondPerSocket: 0.001, frameBurstPerSocket: 3 } })
  const client = await connect(server.url)
  await client.flush()
  client.socket.ping()
  client.socket.pong()
  client.send({ type: 'ping' })
  expect(await client.closed).toEqual(refused('tooFast'))
})

test('the sockets of one address share its rate', async () => {
  const server = await startServer({ limits: { framesPerSecondPerAddress: 0.001, frameBurstPerAddress: 2 } })
  const [alice, bob] = await Promise.all([connect(server.url), connect(server.url)])
  await alice.flush()
  await bob.flush()
  bob.send({ type: 'ping' })
  expect(await bob.closed).toEqual(refused('addressTooFast'))
})

test('a slow consumer is dropped and the others get everything', async () => {
  const server = await startServer({ limits: { bufferedBytesPerSocket: 100_000 } })
  const [sender, reader, sleeper] = await Promise.all([connect(server.url), connect(server.url), connect(server.url)])
  await subscribe(sleeper, 'a')
  await subscribe(reader, 'a')
  sleeper.socket.pause()
  const data = 'x'.repeat(60_000)
  let sent = 0
  while ((await metric(server, counted('slowConsumer'))) === 0 && sent < 500) {
    for (let i = 0; i < 20; i++) {
      sender.send({ type: 'publish', topic: 'a', n: sent++, data })
      expect((await reader.next())['n']).toBe(sent - 1)
    }
  }
  expect(await metric(server, counted('slowConsumer'))).toBe(1)
  sender.send({ type: 'publish', topic: 'a' })
  expect(await reader.next()).toMatchObject({ clients: 1 })
  sleeper.socket.terminate()
})

test('a socket that gives no sign of life is closed, one that does is kept', async () => {
  const server = await startServer({ heartbeatMs: 40, heartbeatMisses: 2 })
  const dead = await connect(server.url, { autoPong: false })
  const alive = await connect(server.url)
  expect(await dead.closed).toEqual(refused('unresponsive'))
  expect(await alive.flush()).toEqual([])
})

test('new connections beyond the burst of an address get 429', async () => {
  const server = await startServer({ limits: { connectionsPerSecondPerAddress: 0.001, connectionBurstPerAddress: 1 } })
  // The first is charged to all together, the second to its address, which is asked for from then on.
  await connect(server.url)
  await connect(server.url)
  await expect(connect(server.url)).rejects.toThrow('429')
  expect(await metric(server, counted('tooManyConnections'))).toBe(1)
})

test('addresses are told apart when all together do more than one may', async () => {
  const server = await startServer({ limits: { socketsPerAddress: 2 } })
  const clients = [await connect(server.url), await connect(server.url)]
  expect(await metric(server, 'addresses')).toBe(0)
  await expect(connect(server.url)).rejects.toThrow('429')
  expect(await metric(server, 'addresses')).toBe(1)
  for (const client of clients) {
    client.socket.close()
    await client.closed
  }
  await connect(server.url)
})

test('open sockets are limited per address and in all', async () => {
  const perAddress = await startServer({ limits: { socketsPerAddress: 1 } })
  const first = await connect(perAddress.url)
  await expect(connect(perAddress.url)).rejects.toThrow('429')
  first.socket.close()
  await first.closed
  await connect(perAddress.url)
  const inAll = await startServer({ limits: { sockets: 1 } })
  await connect(inAll.url)
  await expect(connect(inAll.url)).rejects.toThrow('503')
})

test('addresses behind a trusted proxy are limited one by one', async () => {
  const server = await startServer({ limits: { socketsPerAddress: 1 }, trustedProxies: ['127.0.0.1'] })
  const via = (address: string) => connect(server.url, { headers: { 'x-forwarded-for': address } })
  await via('192.0.2.1')
  await via('192.0.2.2')
  await expect(via('192.0.2.1')).rejects.toThrow('429')
})

test('only the origins of the allow-list may connect', async () => {
  const server = await startServer({ origins: ['https://app.example.org'] })
  await connect(server.url, { origin: 'https://app.example.org' })
  await expect(connect(server.url, { origin: 'https://evil.example.org' })).rejects.toThrow('403')
  await expect(connect(server.url)).rejects.toThrow('403')
  expect(await metric(server, counted('notAllowedOrigin'))).toBe(2)
})

test('with tokens, one of them is needed, in the query or as Bearer', async () => {
  const server = await startServer({ tokens: ['old secret', 'new secret'] })
  await connect(`${server.url}/?token=old%20secret`)
  await connect(server.url, { headers: { authorization: 'Bearer new secret' } })
  for (const path of ['', '/?token=', '/?token=wrong']) {
    await expect(connect(server.url + path)).rejects.toThrow('401')
  }
})

test('what is no WebSocket handshake, or not even HTTP, gets 400', async () => {
  const server = await startServer()
  const status = await new Promise<number | undefined>((resolve) => {
    request(httpUrl(server), { headers: { connection: 'upgrade', upgrade: 'websocket' } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).end()
  })
  expect(status).toBe(400)
  const answer = await new Promise<string>((resolve) => {
    const socket = connectTcp(server.port, '127.0.0.1', () => socket.write('\u0000\u0001\r\n\r\n'))
    socket.on('data', (data) => resolve(data.toString()))
  })
  expect(answer).toMatch(/^HTTP\/1.1 400 /)
  expect(await metric(server, counted('badUpgrade'))).toBe(1)
  expect(await metric(server, counted('badHttp'))).toBe(1)
})

test('a client that goes away in the middle of its handshake or a frame does no harm', async () => {
  const server = await startServer()
  const half = connectTcp(server.port, '127.0.0.1', () => half.write('GET / HTTP/1.1\r\nupgrade: websocket\r\n'))
  half.on('error', () => {})
  await new Promise((resolve) => half.once('connect', resolve))
  half.resetAndDestroy()
  const client = await connect(server.url)
  // @ts-expect-error There is no public way to send half a frame.
  const tcp = client.socket._socket as Socket
  tcp.write(Buffer.from([0x81, 0xfe]))
  tcp.resetAndDestroy()
  await client.closed
  await expect.poll(() => metric(server, 'sockets')).toBe(0)
  await connect(server.url)
})

test('connections beyond the sockets and a thousand spare ones are closed at once and counted', async () => {
  const server = await startServer({ limits: { sockets: 1 } })
  const spare = await Promise.all(Array.from({ length: 1_001 }, () => tcpConnection(server.port)))
  const dropped = await tcpConnection(server.port)
  await new Promise((resolve) => dropped.once('close', resolve).resume())
  for (const socket of spare) socket.destroy()
  await expect.poll(() => metric(server, counted('full')).catch(() => 0)).toBeGreaterThanOrEqual(1)
}, 60_000)

const tcpConnection = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connectTcp({ port, host: '127.0.0.1' }, () => resolve(socket))
    socket.on('error', reject)
  })
