import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { connect, subscribe } from '../test/client.ts'
import { httpUrl, metric, startServer } from '../test/servers.ts'
import type { IceAnswer } from './ice.ts'
import { iceAnswer } from './ice.ts'

test('GET / says okay, as the reference server does; unknown paths are 404 and other methods 405', async () => {
  const server = await startServer()
  const root = await fetch(`${httpUrl(server)}/`)
  expect([root.status, await root.text()]).toEqual([200, 'okay'])
  expect((await fetch(`${httpUrl(server)}/healthz`)).status).toBe(200)
  expect((await fetch(`${httpUrl(server)}/nothing`)).status).toBe(404)
  expect((await fetch(`${httpUrl(server)}/`, { method: 'POST' })).status).toBe(405)
})

test('metrics count what happened', async () => {
  const server = await startServer()
  const [alice, bob] = await Promise.all([connect(server.url), connect(server.url)])
  await subscribe(alice, 'room')
  await subscribe(bob, 'room')
  alice.send({ type: 'publish', topic: 'room' })
  await bob.next()
  const names = [
    'sockets',
    'topics',
    'addresses',
    'connections_total',
    'frames_total',
    'publishes_total',
    'deliveries_total',
  ]
  expect(await Promise.all(names.map((name) => metric(server, name)))).toEqual([2, 1, 0, 2, 3, 1, 2])
})

test('a metrics token keeps everybody else out', async () => {
  const server = await startServer({ metricsToken: 'secret' })
  const get = (authorization?: string) =>
    fetch(`${httpUrl(server)}/metrics`, authorization ? { headers: { authorization } } : {})
  expect((await get()).status).toBe(401)
  expect((await get('Bearer wrong')).status).toBe(401)
  expect((await get('Bearer secret')).status).toBe(200)
})

test('TURN credentials are the expiry, a random user, and their HMAC-SHA-1 under the shared secret', () => {
  const ice = { stunUrls: ['stun:s'], turnUrls: ['turn:t'], turnSecret: 'north', turnTtlSeconds: 600 }
  const answer = iceAnswer(ice, 1_800_000_000_500)
  const turn = answer.iceServers[1]
  expect(answer).toMatchObject({ iceServers: [{ urls: ['stun:s'] }, { urls: ['turn:t'] }], ttlSeconds: 600 })
  expect(turn?.username).toMatch(/^1800000600:[0-9a-f]{16}$/)
  expect(turn?.credential).toBe(
    createHmac('sha1', 'north')
      .update(turn?.username ?? '')
      .digest('base64'),
  )
  expect(iceAnswer(ice, 0).iceServers[1]?.username).not.toBe(iceAnswer(ice, 0).iceServers[1]?.username)
})

test('GET /ice is open to pages of every origin and hands out nothing when nothing is configured', async () => {
  const server = await startServer()
  const response = await fetch(`${httpUrl(server)}/ice`, { headers: { origin: 'https://app.example.org' } })
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await response.json()).toEqual({ iceServers: [], ttlSeconds: null } satisfies IceAnswer)
})

test('GET /ice asks for the same origin, token and patience as a socket', async () => {
  const server = await startServer({
    ice: { turnUrls: ['turn:t'], turnSecret: 'north' },
    origins: ['https://app.example.org'],
    tokens: ['south'],
    limits: { connectionsPerSecondPerAddress: 0.001, connectionBurstPerAddress: 2 },
  })
  const get = async (path: string, origin: string) => {
    const response = await fetch(httpUrl(server) + path, { headers: { origin } })
    return [response.status, response.headers.get('access-control-allow-origin')]
  }
  expect(await get('/ice?token=south', 'https://evil.example.org')).toEqual([403, null])
  expect(await get('/ice', 'https://app.example.org')).toEqual([401, 'https://app.example.org'])
  expect(await get('/ice?token=south', 'https://app.example.org')).toEqual([200, 'https://app.example.org'])
  expect(await get('/ice?token=south', 'https://app.example.org')).toEqual([429, 'https://app.example.org'])
  expect(await metric(server, 'ice_credentials_total')).toBe(1)
})
