import { describe, expect, it, vi } from 'vitest'
import { transportContract } from '../../../test/transport/contract.ts'
import { createFakeNet } from '../../../test/transport/fake-connection.ts'
import { createFakeSignaling, type FakeSignaling } from '../../../test/transport/fake-signaling.ts'
import { comings, createStubIdentity, framesFrom, type Member, verify } from '../../../test/transport/members.ts'
import { advance, high, low, middle, settle, useMeshRig } from '../../../test/transport/mesh-rig.ts'
import type { WebSocketConstructor } from '../signaling/server-path.ts'
import type { Connect } from './connection.ts'
import type { Identity } from './context.ts'
import { createMeshTransport, type WebRtcTransportOptions } from './transport.ts'

transportContract('mesh over connections in this process', async () => {
  const net = createFakeNet()
  const signaling = createFakeSignaling()
  return {
    open: (identity, handlers) =>
      createMeshTransport(
        { room: 'r', signaling: ['ws://one'], identity, verify, handlers, WebSocket: signaling.WebSocket },
        net.connect,
      ),
    cut: () => net.setCut(true),
    heal: () => net.setCut(false),
    close: async () => {
      expect(net.open()).toBe(0)
      expect(signaling.sockets.size).toBe(0)
    },
  }
})

describe('mesh', () => {
  const rig = useMeshRig()
  const { join } = rig

  it('makes one connection per pair, whoever came first', async () => {
    for (const order of [[low, high] as const, [high, low] as const]) {
      const [first, second] = order.map((identity) => join(identity))
      await settle()
      expect(rig.net.open()).toBe(2)
      expect(first?.transport.peers()).toEqual([second?.peer])
      for (const member of rig.members.splice(0)) void member.transport.close()
      await advance(1_000)
    }
  })

  it('counts a link as up only after both proofs, and names who gives a bad one', async () => {
    // It signs its signals, which start as JSON does, but not the handshake's transcript.
    const liar: Identity = {
      peer: high.peer,
      sign: async (message) => (message[0] === 0x5b ? high.sign(message) : new Uint8Array(64)),
    }
    const a = join(low)
    const b = join(liar)
    await settle()
    expect(comings(a, b.peer)).toEqual([])
    expect(comings(b, a.peer)).toEqual([])
    expect(a.transport.diagnostics()).toMatchObject({
      refusals: { badProof: 1 },
      peers: [{ state: 'barred', drops: { badProof: 1 } }],
    })
    expect(b.log).toContainEqual({ kind: 'refused', refusal: { code: 'badProof', by: 'them', peer: a.peer } })
  })

  it('finds out a signaling server that puts itself between two peers', async () => {
    // The man in the middle hands each side a description with its own certificate.
    const swap: Connect = (options, handlers) => {
      const inner = rig.net.connect(options, handlers)
      return {
        ...inner,
        fingerprints: () => {
          const true_ = inner.fingerprints()
          return true_ && { ...true_, remote: 'sha-256 FF:FF' }
        },
      }
    }
    const a = join(low, {}, swap)
    const b = join(high)
    await settle()
    expect([...comings(a, b.peer), ...comings(b, a.peer)]).toEqual([])
    expect(a.transport.diagnostics().refusals.badProof).toBe(1)
  })

  it('keeps a living link when somebody else announces its peer id', async () => {
    const [a, b] = [join(low), join(high)]
    await settle()
    const forged = { type: 'parsec-announce', from: b.peer, session: '0'.repeat(32) }
    rig.signaling.inject(JSON.stringify({ type: 'publish', topic: 'r', data: forged }))
    await settle()
    await advance(25_000)
    expect(comings(a, b.peer)).toEqual(['up'])
    expect(a.transport.peers()).toEqual([b.peer])
    expect(b.transport.diagnostics().refusals).toEqual({ duplicateIdentity: 1 })
  })

  it('takes no description that the peer itself has not signed', async () => {
    const [a, b] = [join(low), join(high)]
    await settle()
    type Published = { data: { type: string; from: string; n: number; signal: object } }
    const signals = (rig.signaling.received as Published[]).flatMap(({ data }) =>
      data?.type === 'signal' ? [data] : [],
    )
    const answer = signals.find(({ from }) => from === b.peer)
    const forged = { ...answer, n: 7, signal: { type: 'answer', sdp: 'a=fingerprint:sha-256 66' } }
    rig.signaling.inject(JSON.stringify({ type: 'publish', topic: 'r', data: forged }))
    await settle()
    await advance(25_000)
    expect(comings(a, b.peer)).toEqual(['up'])
    expect(a.transport.diagnostics().refusals).toEqual({ badProof: 1 })
  })

  it('bounds what forged introductions can start', async () => {
    const a = join(low)
    await settle()
    for (let i = 0; i < 1_000; i += 1) {
      const from = i.toString(16).padStart(64, 'f')
      rig.signaling.inject(
        JSON.stringify({
          type: 'publish',
          topic: 'r',
          data: { type: 'parsec-announce', from, session: '0'.repeat(32) },
        }),
      )
    }
    await settle()
    expect(rig.net.open()).toBeLessThanOrEqual(64)
    expect(a.transport.diagnostics().peers.length).toBeLessThanOrEqual(256)
    expect(a.transport.diagnostics().refusals.overload).toBeGreaterThan(0)
  })

  it('counts junk on the signaling socket and goes on', async () => {
    const [a, b] = [join(low), join(high)]
    await settle()
    const publish = (data: unknown) => JSON.stringify({ type: 'publish', topic: 'r', data })
    const offer = {
      type: 'signal',
      from: b.peer,
      to: a.peer,
      session: '0'.repeat(32),
      signal: { type: 'offer', sdp: 1 },
    }
    const junk = [
      '',
      '{',
      '[]',
      'null',
      '{"type":7}',
      'x'.repeat(70_000),
      new ArrayBuffer(3),
      publish(null),
      publish({}),
      publish(offer),
    ]
    for (const data of junk) rig.signaling.inject(data)
    rig.signaling.inject(publish({ type: 'announce', from: '17f5a3c0-9d5e-4c6e-8f67-1f0a4a3b2c1d' }))
    await settle()
    expect(a.transport.diagnostics().signaling[0]?.junk).toBe(junk.length + 1)
    expect(a.transport.peers()).toEqual([b.peer])
  })

  it('connects again, later and later, while no connection opens, and at once stops when one does', async () => {
    rig.net.setBlocked(true)
    const [a, b] = [join(low), join(high)]
    await settle()
    await advance(60_000)
    expect(a.transport.diagnostics().peers[0]?.failures).toBeGreaterThan(1)
    rig.net.setBlocked(false)
    await advance(60_000)
    await settle()
    expect(a.transport.peers()).toEqual([b.peer])
  })

  it('comes back within seconds to a peer that was there, however often the link broke', async () => {
    const [a, b] = [join(low), join(high)]
    await settle()
    for (let times = 1; times <= 30; times++) {
      rig.net.breakAll()
      await advance(6_000)
      expect(a.transport.peers(), `after ${times} times`).toEqual([b.peer])
    }
  })

  it('restarts ICE with credentials of that moment, from the side that made the connection', async () => {
    let asked = 0
    const iceServers = () => [{ urls: 'turn:localhost', username: `user ${++asked}`, credential: 'c' }]
    const restarts: unknown[] = []
    const interrupts: (() => void)[] = []
    const breakable: Connect = (options, handlers) => {
      interrupts.push(handlers.interrupted)
      return {
        ...rig.net.connect(options, handlers),
        restartIce: (servers) => restarts.push([options.initiator, servers]),
      }
    }
    join(low, { iceServers }, breakable)
    join(high, {}, breakable)
    await settle()
    await advance(6_000)
    for (const interrupt of interrupts) interrupt()
    await advance(0)
    expect(restarts).toEqual([[true, [{ urls: 'turn:localhost', username: 'user 2', credential: 'c' }]]])
  })

  it('asks again when the first introduction was lost', async () => {
    // The server loses the first two messages that are meant for somebody.
    let lost = 0
    const Lossy = class extends rig.signaling.WebSocket {
      override send(frame: string) {
        if (frame.includes('"to":') && lost++ < 2) return
        super.send(frame)
      }
    }
    const [a, b] = [join(low, { WebSocket: Lossy }), join(high, { WebSocket: Lossy })]
    await settle()
    expect(a.transport.peers()).toEqual([])
    await advance(45_000)
    expect(a.transport.peers()).toEqual([b.peer])
  })

  it('says of a peer that left that it is gone, and asks for it no more', async () => {
    const [a, b] = [join(low), join(high)]
    await settle()
    await Promise.all([b.transport.close(), advance(1_000)])
    const sent = rig.signaling.received.length
    await advance(120_000)
    expect(a.transport.diagnostics().peers[0]).toMatchObject({ state: 'gone', drops: { left: 1 } })
    expect(rig.signaling.received.slice(sent).map((message) => (message as { type: string }).type)).toEqual(
      Array.from({ length: 6 }, () => 'ping'),
    )
  })

  it('remembers a few of those that left, however many come and go', async () => {
    const a = join(low)
    for (let seed = 100; seed < 140; seed++) {
      const passing = join(createStubIdentity(seed))
      await settle()
      expect(passing.transport.peers()).toEqual([a.peer])
      await Promise.all([passing.transport.close(), advance(1_000)])
    }
    const last = createStubIdentity(139).peer
    const { peers } = a.transport.diagnostics()
    expect(peers).toHaveLength(32)
    expect(peers.at(-1)).toMatchObject({ peer: last, state: 'gone' })
  })

  it('notices within 15 s that nothing comes any more', async () => {
    const [a, b] = [join(low), join(high)]
    await settle()
    rig.net.setCut(true)
    await advance(12_600)
    expect(comings(a, b.peer)).toEqual(['up', 'down: silent'])
    expect(comings(b, a.peer)).toEqual(['up', 'down: silent'])
    rig.net.setCut(false)
    // An attempt that was begun during the cut has to time out first.
    await advance(30_000)
    expect(a.transport.peers()).toEqual([b.peer])
  })

  it('goes on without any server once connected, and comes back over common neighbours', async () => {
    const all = [low, middle, high].map((identity) => join(identity))
    await settle()
    const [a, b, c] = all as [Member, Member, Member]
    expect(a.transport.peers()).toEqual([b.peer, c.peer])
    await advance(1_000)
    rig.signaling.setReachable(false)
    // A hiccup of one link: both ends give it up, and have only c to find each other again.
    a.transport.disconnect(b.peer, 'test')
    await advance(40_000)
    await settle()
    a.transport.disconnect(b.peer, 'again')
    expect(a.transport.diagnostics().signaling[0]?.connected).toBe(false)
    expect(a.transport.send(c.peer, Uint8Array.of(1))).toBe(true)
    await settle()
    expect(framesFrom(c, a.peer).length).toBe(1)
    expect(comings(a, b.peer)).toEqual(['up', 'down: disconnected', 'up', 'down: disconnected'])
  })

  it('introduces a newcomer that reaches one member only to all the others', async () => {
    const other = createFakeSignaling()
    const a = join(low)
    const b = join(middle, { signaling: ['ws://one', 'ws://two'], WebSocket: bothOf(rig.signaling, other) })
    await settle()
    const c = join(high, { signaling: ['ws://two'], WebSocket: other.WebSocket })
    await settle()
    await advance(2_000)
    await settle()
    expect(c.transport.peers()).toEqual([a.peer, b.peer].sort())
    expect(a.transport.peers()).toEqual([b.peer, c.peer])
  })

  it('releases everything when the page goes away, and comes back with it from the back/forward cache', async () => {
    const events = new EventTarget()
    vi.stubGlobal('addEventListener', events.addEventListener.bind(events))
    vi.stubGlobal('removeEventListener', events.removeEventListener.bind(events))
    const a = join(low)
    vi.unstubAllGlobals()
    const b = join(high)
    await settle()
    events.dispatchEvent(new Event('pagehide'))
    expect(a.transport.peers()).toEqual([])
    expect(comings(a, b.peer)).toEqual(['up', 'down: suspended'])
    await settle()
    expect(rig.net.open()).toBe(0)
    events.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
    await settle()
    await advance(5_000)
    await settle()
    expect(a.transport.peers()).toEqual([b.peer])
    vi.stubGlobal('removeEventListener', events.removeEventListener.bind(events))
    void a.transport.close()
    vi.unstubAllGlobals()
  })

  it('closes by its abort signal', async () => {
    const abort = new AbortController()
    const a = join(low, { signal: abort.signal })
    const b = join(high)
    await settle()
    abort.abort()
    await settle()
    expect(comings(b, a.peer)).toEqual(['up', 'down: left'])
  })

  it('refuses options that cannot work', async () => {
    const codeOf = (more: Partial<WebRtcTransportOptions>) => {
      try {
        join(low, more)
      } catch (error) {
        return (error as { code?: string }).code
      }
      return null
    }
    expect(codeOf({ room: '' })).toBe('badOptions')
    expect(codeOf({ room: 'x'.repeat(513) })).toBe('badOptions')
    expect(codeOf({ signaling: ['http://one'] })).toBe('badOptions')
    expect(codeOf({ identity: { peer: 'me', sign: async () => new Uint8Array() } })).toBe('badOptions')
  })
})

/** One WebSocket class for two servers, by address. */
const bothOf = (one: FakeSignaling, two: FakeSignaling): WebSocketConstructor =>
  new Proxy(one.WebSocket, {
    construct: (_target, [url]: [string]) => new (url.endsWith('two') ? two : one).WebSocket(url),
  })
