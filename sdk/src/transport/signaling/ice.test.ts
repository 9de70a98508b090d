import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createIceSource, parseIceAnswer } from './ice.ts'

const stun = { urls: ['stun:stun.example.org:3478'] }
const turn = (user: string) => ({
  urls: ['turn:turn.example.org?transport=udp'],
  username: user,
  credential: 'c2VjcmV0',
})

/** A server at a signaling address that answers every request so. */
const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Answers by hand, time by hand. */
const staged = () => {
  const asked: string[] = []
  const answers: ((response: Response | Error) => void)[] = []
  const clock = { nowMs: 0 }
  return {
    asked,
    clock,
    nowMs: () => clock.nowMs,
    fetch: ((url: string) => {
      asked.push(url)
      return new Promise<Response>((resolve, reject) => {
        answers.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)))
      })
    }) as typeof fetch,
    answer: (value: unknown) => answers.shift()?.(value instanceof Error ? value : new Response(JSON.stringify(value))),
  }
}

/** Undefined while it waits; a macrotask is later than every promise that is settled already. */
const settled = async <T>(promise: Promise<T>): Promise<T | undefined> =>
  Promise.race([promise, new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)))])

test('every signaling server is asked at the path /ice of its own address, with the query of that address', async () => {
  const urls: (string | undefined)[] = []
  const url = await serve((request, response) => {
    urls.push(request.url)
    response.end(JSON.stringify({ iceServers: [stun, turn('a')], ttlSeconds: 600 }))
  })
  const source = createIceSource({ urls: [`${url}/some/path?token=a%26b`] })
  expect(await source()).toEqual([stun, turn('a')])
  expect(urls).toEqual(['/ice?token=a%26b'])
})

test('wss: addresses are asked over https:, without user, password and fragment, and no others', () => {
  const { asked, fetch } = staged()
  createIceSource({ urls: ['wss://user:pass@a.example:444/x#y', 'ws://b.example', 'ws://', 'http://c', 'd'], fetch })
  expect(asked).toEqual(['https://a.example:444/ice', 'http://b.example/ice'])
})

test.each<[string, RequestListener]>([
  ['a stock y-webrtc server, which says okay to every path', (_request, response) => response.end('okay')],
  ['a server without the path', (_request, response) => response.writeHead(404).end('{}')],
  [
    'a refusal with a body that would do',
    (_request, response) => response.writeHead(429).end('{"iceServers":[],"ttlSeconds":null}'),
  ],
  ['a server that hangs up', (request) => request.socket.destroy()],
  ['a server that never answers', () => {}],
  ['an answer that never ends', (_request, response) => void response.write('{')],
  [
    'an answer that is too long',
    (_request, response) => response.end(`{"iceServers":[],"ttlSeconds":null,"x":"${'x'.repeat(20_000)}"}`),
  ],
])('%s hands out nothing, and is no error', async (_title, listener) => {
  const source = createIceSource({ urls: [await serve(listener)], patienceMs: 300 })
  expect(await source()).toEqual([])
})

test('what several servers hand out is merged, each URL once', async () => {
  const { answer, ...host } = staged()
  const source = createIceSource({ urls: ['ws://a', 'ws://b', 'ws://c'], ...host })
  const both = { ...turn('b'), urls: [...turn('b').urls, 'turns:turn.example.org'] }
  answer({ iceServers: [stun, turn('a')], ttlSeconds: 600 })
  answer({ iceServers: [stun, both], ttlSeconds: 600 })
  answer(new TypeError('no such host'))
  expect(await source()).toEqual([stun, turn('a'), { ...both, urls: ['turns:turn.example.org'] }])
})

test('an answer serves for four fifths of its life, then a new one is fetched beside it, and nobody waits', async () => {
  const { answer, asked, clock, ...host } = staged()
  const source = createIceSource({ urls: ['ws://a'], ...host })
  answer({ iceServers: [turn('old')], ttlSeconds: 1_000 })
  expect(await source()).toEqual([turn('old')])
  clock.nowMs = 799_999
  expect(await settled(source())).toEqual([turn('old')])
  expect(asked).toHaveLength(1)
  clock.nowMs = 800_000
  expect(await settled(source())).toEqual([turn('old')])
  expect(await settled(source())).toEqual([turn('old')])
  expect(asked).toHaveLength(2)
  answer({ iceServers: [turn('new')], ttlSeconds: 1_000 })
  await settled(source())
  expect(await settled(source())).toEqual([turn('new')])
})

test('a credential that expired is not used: who needs one waits for the next', async () => {
  const { answer, clock, ...host } = staged()
  const source = createIceSource({ urls: ['ws://a'], ...host })
  answer({ iceServers: [turn('old')], ttlSeconds: 1_000 })
  await source()
  clock.nowMs = 1_000_000
  const waiting = source()
  expect(await settled(waiting)).toBeUndefined()
  answer({ iceServers: [turn('new')], ttlSeconds: 1_000 })
  expect(await waiting).toEqual([turn('new')])
})

test('a host that answered nothing delays nobody again, and is asked again later and later', async () => {
  const { answer, asked, clock, ...host } = staged()
  const source = createIceSource({ urls: ['ws://a'], ...host })
  const first = source()
  expect(await settled(first)).toBeUndefined()
  answer(new TypeError('refused'))
  expect(await first).toEqual([])
  const askedAt: number[] = []
  for (; clock.nowMs < 240_000; clock.nowMs += 1_000) {
    const before = asked.length
    expect(await settled(source())).toEqual([])
    if (asked.length === before) continue
    askedAt.push(clock.nowMs)
    answer(new TypeError('refused'))
    await settled(source())
  }
  expect(askedAt).toEqual([15_000, 45_000, 105_000, 225_000])
})

test('a host that comes up later is used from then on', async () => {
  const { answer, clock, ...host } = staged()
  const source = createIceSource({ urls: ['ws://a'], ...host })
  answer(new TypeError('refused'))
  expect(await source()).toEqual([])
  clock.nowMs = 15_000
  expect(await settled(source())).toEqual([])
  answer({ iceServers: [stun], ttlSeconds: null })
  await settled(source())
  clock.nowMs = 1e12
  expect(await settled(source())).toEqual([stun])
})

test.each<[string, unknown]>([
  ['no object', 'okay'],
  ['no list', { iceServers: {}, ttlSeconds: null }],
  ['too many servers', { iceServers: new Array(9).fill(stun), ttlSeconds: null }],
  ['no time to live', { iceServers: [] }],
  ['a time to live of nothing', { iceServers: [], ttlSeconds: 0 }],
  ['a time to live of years', { iceServers: [], ttlSeconds: 1e9 }],
  ['no server', { iceServers: [null], ttlSeconds: null }],
  ['no URL', { iceServers: [{ urls: [] }], ttlSeconds: null }],
  ['TURN without a credential', { iceServers: [{ urls: ['turn:a'] }], ttlSeconds: null }],
  ['a credential that is no text', { iceServers: [{ ...turn('a'), credential: {} }], ttlSeconds: null }],
  ...[
    'http://a',
    'stun://a',
    'stun:',
    'stun:a?transport=udp',
    'stun:a:65536',
    'stun:[::1',
    'stun:[1:2]',
    'stun:a b',
    'stun:user@a',
    'turn:a?transport=sctp',
    `stun:${'a'.repeat(300)}`,
    7,
  ].map((url): [string, unknown] => [
    `the URL ${url}`,
    { iceServers: [{ ...turn('a'), urls: [url] }], ttlSeconds: null },
  ]),
])('an answer with %s is none', (_title, value) => {
  expect(parseIceAnswer(value)).toBeNull()
})

test('every form of URL that the standards know is taken; what is not needed is left out', () => {
  const urls = [
    'turn:a',
    'turns:a.example:5349?transport=tcp',
    'turn:192.0.2.1:3478',
    'turn:[2001:db8::1]:3478',
    'stuns:a',
  ]
  const iceServers = [
    { urls: 'stun:a', username: 'u', more: 1 },
    { ...turn('u'), urls },
  ]
  expect(parseIceAnswer({ iceServers, ttlSeconds: 60 })).toEqual({
    iceServers: [{ urls: ['stun:a'] }, { ...turn('u'), urls }],
    ttlSeconds: 60,
  })
})
