import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { startSignalingServer } from '../../../../signaling/src/index.ts'
import { createFakeNet } from '../../../test/transport/fake-connection.ts'
import { createFakeSignaling, type FakeSignaling } from '../../../test/transport/fake-signaling.ts'
import { createIdentity, createMember, verify } from '../../../test/transport/members.ts'
import type { SignalingState } from '../port.ts'
import { createMeshTransport } from '../webrtc/transport.ts'
import type { SignalingMessage } from './messages.ts'
import type { WebSocketConstructor } from './server-path.ts'
import { createSignalingClient, type SignalingClient, type SignalingClientOptions } from './signaling-client.ts'

const announce: SignalingMessage = { type: 'parsec-announce', from: 'ab'.repeat(32), session: 'cd'.repeat(16) }

describe('signaling client', () => {
  let server: FakeSignaling
  let states: SignalingState[]
  let values: unknown[]
  const clients: SignalingClient[] = []

  const open = (more: Partial<SignalingClientOptions> = {}): SignalingClient => {
    const client = createSignalingClient({
      urls: ['ws://one'],
      room: 'r',
      WebSocket: server.WebSocket,
      random: () => 0.5,
      message: (value) => values.push(value),
      state: (state) => states.push(state),
      subscribed: () => {},
      ...more,
    })
    clients.push(client)
    return client
  }

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    server = createFakeSignaling()
    states = []
    values = []
  })
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()))
    expect(server.sockets.size).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  it('announces itself to whoever has another room password, so that both learn of it, once a minute at most', async () => {
    const times: number[] = []
    open({ subscribed: () => times.push(performance.now()) })
    await vi.advanceTimersByTimeAsync(0)
    const foreign = JSON.stringify({ type: 'publish', topic: 'r', data: 'sealed' })
    for (let second = 0; second <= 130; second++) {
      server.inject(foreign)
      await vi.advanceTimersByTimeAsync(1_000)
    }
    const [subscribed = 0, ...answers] = times
    expect(answers.map((time) => Math.round((time - subscribed) / 1_000))).toEqual([0, 61, 122])
  })

  it('subscribes, and learns at once from our own server how many are in the room', async () => {
    open()
    await vi.advanceTimersByTimeAsync(0)
    expect(server.received).toEqual([{ type: 'subscribe', topics: ['r'], parsec: true }])
    expect(states).toEqual([
      { kind: 'server', url: 'ws://one', connected: true },
      { kind: 'server', url: 'ws://one', connected: true, clients: 1 },
    ])
  })

  it('learns the same from any other server when its own announcement comes back', async () => {
    server = createFakeSignaling({ answersSubscribe: false })
    const client = open({ subscribed: () => client.publish(announce) })
    await vi.advanceTimersByTimeAsync(0)
    expect(states.at(-1)).toEqual({ kind: 'server', url: 'ws://one', connected: true, clients: 1 })
    expect(values).toEqual([announce])
  })

  it('dials again, later and later, after a server was lost, and subscribes anew', async () => {
    open()
    await vi.advanceTimersByTimeAsync(0)
    server.setReachable(false)
    expect(states.at(-1)).toEqual({ kind: 'server', url: 'ws://one', connected: false })
    await vi.advanceTimersByTimeAsync(60_000)
    const seen = states.length
    server.setReachable(true)
    await vi.advanceTimersByTimeAsync(30_000)
    expect(states.slice(seen)[0]).toEqual({ kind: 'server', url: 'ws://one', connected: true })
    expect(server.received.filter((message) => (message as { type: string }).type === 'subscribe').length).toBe(2)
  })

  it('dials at once when the network is back', async () => {
    const client = open()
    await vi.advanceTimersByTimeAsync(0)
    server.setReachable(false)
    await vi.advanceTimersByTimeAsync(20_000)
    server.setReachable(true)
    client.dialNow()
    await vi.advanceTimersByTimeAsync(0)
    expect(client.diagnostics()[0]?.connected).toBe(true)
    client.dialNow()
    expect(server.sockets.size).toBe(1)
  })

  it('gives up a server that answers nothing for 45 s', async () => {
    const mute = createFakeSignaling()
    const Mute = class extends mute.WebSocket {
      override send() {}
    }
    const client = open({ WebSocket: Mute })
    await vi.advanceTimersByTimeAsync(59_000)
    expect(client.diagnostics()[0]?.connected).toBe(true)
    await vi.advanceTimersByTimeAsync(1_100)
    expect(client.diagnostics()[0]).toMatchObject({ connected: false, lastError: 'silent' })
    await client.close()
  })

  it('uses every server, once', async () => {
    open({ urls: ['ws://one', 'ws://two', 'ws://one'] })
    await vi.advanceTimersByTimeAsync(0)
    expect(server.sockets.size).toBe(2)
  })

  it('names an address that WebSocket does not take', async () => {
    const Refusing = class {
      constructor() {
        throw new SyntaxError('bad address')
      }
    } as unknown as WebSocketConstructor
    const client = open({ WebSocket: Refusing })
    await vi.advanceTimersByTimeAsync(0)
    expect(client.diagnostics()[0]).toMatchObject({ connected: false, lastError: 'bad address' })
    expect(states).toEqual([{ kind: 'server', url: 'ws://one', connected: false }])
  })

  it('ignores the talk of another topic, and counts it', async () => {
    const client = open()
    await vi.advanceTimersByTimeAsync(0)
    server.inject(JSON.stringify({ type: 'publish', topic: 's', data: announce, clients: 9 }))
    expect(values).toEqual([])
    expect(client.diagnostics()[0]).toMatchObject({ junk: 1, clients: 1 })
  })
})

describe('signaling client with a room password', () => {
  it('publishes and reads encrypted values in order, and tells what another password wrote', async () => {
    const server = createFakeSignaling()
    const values: unknown[] = []
    const open = (password?: string) =>
      new Promise<SignalingClient>((resolve) => {
        const client = createSignalingClient({
          urls: ['ws://one'],
          room: 'r',
          ...(password === undefined ? {} : { password }),
          WebSocket: server.WebSocket,
          random: () => 0.5,
          message: (value) => values.push([password, value]),
          state: () => {},
          subscribed: () => resolve(client),
        })
      })
    const [right, wrong, none] = await Promise.all([open('right'), open('wrong'), open()])
    for (let n = 0; n < 5; n += 1) right.publish({ ...announce, session: `${n}` })
    await vi.waitUntil(() => values.length >= 10 && wrong.diagnostics()[0]?.undecipherable === 5)
    expect(
      values
        .filter((entry) => (entry as unknown[])[0] === 'right')
        .map((entry) => (entry as [string, SignalingMessage])[1].session),
    ).toEqual(['0', '1', '2', '3', '4'])
    expect(none.diagnostics()[0]?.undecipherable).toBe(5)
    expect(right.diagnostics()[0]?.undecipherable).toBe(0)
    await Promise.all([right, wrong, none].map((client) => client.close()))
  })
})

describe('signaling client and the real server', () => {
  it('introduces peers over several servers at once, and goes on when one dies', async () => {
    const servers = await Promise.all([1, 2].map(() => startSignalingServer({ port: 0, host: '127.0.0.1' })))
    const net = createFakeNet()
    const join = async () => {
      const identity = await createIdentity()
      return createMember(identity, (handlers) =>
        createMeshTransport(
          {
            room: 'r',
            signaling: servers.map(({ url }) => url),
            identity,
            verify,
            handlers,
            WebSocket: WebSocket as unknown as WebSocketConstructor,
          },
          net.connect,
        ),
      )
    }
    const [a, b] = [await join(), await join()]
    await Promise.all([a, b].map((member) => member.until('up', ({ transport }) => transport.peers().length === 1)))
    await a.until('two clients', ({ log }) =>
      log.some((entry) => entry.kind === 'signaling' && entry.state.clients === 2),
    )
    expect(a.transport.diagnostics().signaling).toMatchObject([
      { connected: true, junk: 0 },
      { connected: true, junk: 0 },
    ])
    await servers[0]?.close()
    const c = await join()
    await c.until('up', ({ transport }) => transport.peers().length === 2)
    await Promise.all([a, b, c].map(({ transport }) => transport.close()))
    await servers[1]?.close()
    expect(net.open()).toBe(0)
  })
})
