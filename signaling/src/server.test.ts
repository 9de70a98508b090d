import { expect, test } from 'vitest'
import { connect, subscribe } from '../test/client.ts'
import { metric, startServer } from '../test/servers.ts'
import { startSignalingServer } from './index.ts'

test('relays a publish whole to every subscriber, the sender included, with the number of clients', async () => {
  const server = await startServer()
  const [alice, bob, carol] = await Promise.all([connect(server.url), connect(server.url), connect(server.url)])
  await subscribe(alice, 'room')
  await subscribe(bob, 'room')
  await subscribe(carol, 'other')
  alice.send({ type: 'publish', topic: 'room', data: { from: 'a' }, extra: 1 })
  const relayed = { type: 'publish', topic: 'room', data: { from: 'a' }, extra: 1, clients: 2 }
  expect(await alice.next()).toEqual(relayed)
  expect(await bob.next()).toEqual(relayed)
  expect(await carol.flush()).toEqual([])
})

test('relays what a socket publishes to a topic that it did not subscribe to', async () => {
  const server = await startServer()
  const [alice, bob] = await Promise.all([connect(server.url), connect(server.url)])
  await subscribe(bob, 'room')
  alice.send({ type: 'publish', topic: 'room', data: 1 })
  expect(await bob.next()).toEqual({ type: 'publish', topic: 'room', data: 1, clients: 1 })
  expect(await alice.flush()).toEqual([])
})

test('relays nothing any more to a socket that unsubscribed or closed', async () => {
  const server = await startServer()
  const [alice, bob, carol] = await Promise.all([connect(server.url), connect(server.url), connect(server.url)])
  for (const client of [alice, bob, carol]) await subscribe(client, 'room')
  bob.send({ type: 'unsubscribe', topics: ['room', 'never joined'] })
  await bob.flush()
  carol.socket.close()
  await carol.closed
  alice.send({ type: 'publish', topic: 'room' })
  expect(await alice.next()).toMatchObject({ clients: 1 })
  expect(await bob.flush()).toEqual([])
})

test('takes text in binary frames, as the reference server does', async () => {
  const server = await startServer()
  const client = await connect(server.url)
  client.socket.send(Buffer.from('{"type":"ping"}'))
  expect(await client.next()).toEqual({ type: 'pong' })
})

test('answers a subscribe only if it carries parsec: true, and then once per topic', async () => {
  const server = await startServer()
  const [stock, ours] = await Promise.all([connect(server.url), connect(server.url)])
  stock.send({ type: 'subscribe', topics: ['a', 'b'] })
  expect(await stock.flush()).toEqual([])
  ours.send({ type: 'subscribe', topics: ['a', 'c'], parsec: true })
  expect(await ours.flush()).toEqual([
    { type: 'subscribed', topic: 'a', clients: 2 },
    { type: 'subscribed', topic: 'c', clients: 1 },
  ])
})

test('subscribing twice counts once', async () => {
  const server = await startServer()
  const client = await connect(server.url)
  await subscribe(client, 'room')
  expect(await subscribe(client, 'room')).toBe(1)
})

test('keeps nothing of a topic or a socket that is gone', async () => {
  const server = await startServer()
  const client = await connect(server.url)
  await subscribe(client, 'room')
  expect(await metric(server, 'topics')).toBe(1)
  client.socket.close()
  await client.closed
  await expect.poll(() => metric(server, 'sockets')).toBe(0)
  expect(await metric(server, 'topics')).toBe(0)
})

test('closes its sockets with 1001 and frees the port', async () => {
  const server = await startSignalingServer({ port: 0, host: '127.0.0.1' })
  const client = await connect(server.url)
  await Promise.all([server.close(), server.close()])
  expect(await client.closed).toMatchObject({ code: 1001 })
  const again = await startSignalingServer({ port: server.port, host: '127.0.0.1' })
  await again.close()
})

test('while it drains it closes sockets one after the other, refuses new ones and says that it is not ready', async () => {
  const server = await startServer()
  const clients = [await connect(server.url), await connect(server.url), await connect(server.url)]
  const order: number[] = []
  clients.forEach((client, index) => void client.closed.then(() => order.push(index)))
  const ready = () => fetch(`${server.url.replace('ws', 'http')}/readyz`)
  expect((await ready()).status).toBe(200)
  const closing = server.close({ drainMs: 400 })
  expect((await ready()).status).toBe(503)
  await expect(connect(server.url)).rejects.toThrow('503')
  expect(order.length).toBeLessThan(3)
  await closing
  await Promise.all(clients.map(({ closed }) => closed))
  expect(order).toEqual([0, 1, 2])
})

test('a used port is an error of Node that can be told apart', async () => {
  const server = await startServer()
  await expect(startSignalingServer({ port: server.port, host: '127.0.0.1' })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
})

test.each([
  [{ port: -1 }, 'port'],
  [{ limits: { frameBytes: 0 } }, 'limits.frameBytes'],
  [{ limits: { sockets: Number.NaN } }, 'limits.sockets'],
  [{ origins: ['https://a.example/path'] }, 'origins'],
  [{ tokens: [''] }, 'tokens'],
  [{ trustedProxies: ['proxy'] }, 'trustedProxies'],
  [{ backplane: 'http://localhost' }, 'backplane'],
  [{ ice: { turnUrls: ['turn:a'] } }, 'ice'],
  [{ ice: { turnSecret: 'a' } }, 'ice'],
  [{ tls: { cert: 'a', key: 'b' } }, 'tls'],
])('refuses to start with %j', async (options, option) => {
  await expect(startSignalingServer(options)).rejects.toMatchObject({ code: 'badOption', option })
})
