import { describe, expect, it } from 'vitest'
import { transportContract } from '../../../test/transport/contract.ts'
import { createFakeSignaling, type FakeSignaling } from '../../../test/transport/fake-signaling.ts'
import { createIdentity, createMember, type Member, untilUp, verify } from '../../../test/transport/members.ts'
import type { TransportHandlers } from '../port.ts'
import type { Signal } from '../signaling/messages.ts'
import { type Connect, type Connection, connectSimplePeer } from './connection.ts'
import type { Identity } from './context.ts'
import { createMeshTransport } from './transport.ts'

/** Real connections whose bytes can be made to vanish, which no browser does by itself. */
const createCuttable = () => {
  let cut = false
  const connect: Connect = (options, handlers) => {
    const connection = connectSimplePeer(options, {
      ...handlers,
      message: (bytes) => {
        if (!cut) handlers.message(bytes)
      },
    })
    return { ...connection, send: (bytes) => cut || connection.send(bytes) }
  }
  return {
    connect,
    setCut: (now: boolean) => {
      cut = now
    },
  }
}

const open = (signaling: FakeSignaling, connect: Connect, identity: Identity, handlers: TransportHandlers) =>
  createMeshTransport(
    { room: 'r', signaling: ['ws://one'], identity, verify, handlers, WebSocket: signaling.WebSocket, password: 'tea' },
    connect,
  )

transportContract('WebRTC', async () => {
  const net = createCuttable()
  const signaling = createFakeSignaling()
  return {
    open: (identity, handlers) => open(signaling, net.connect, identity, handlers),
    cut: () => net.setCut(true),
    heal: () => net.setCut(false),
    close: async () => {},
  }
})

/** What the page's WebRTC, timers and listeners hold, from now on. */
const watchResources = () => {
  const connections: RTCPeerConnection[] = []
  const timers = new Set<unknown>()
  const listeners: string[] = []
  const page = globalThis as unknown as Record<string, unknown>
  const before: Record<string, unknown> = {}
  const replace = (name: string, around: (native: never) => unknown) => {
    const native = page[name]
    before[name] = native
    page[name] = around((name === 'RTCPeerConnection' ? native : (native as () => void).bind(globalThis)) as never)
  }
  replace(
    'RTCPeerConnection',
    (Native: typeof RTCPeerConnection) =>
      new Proxy(Native, {
        construct: (target, args: [RTCConfiguration]) => {
          const connection = new target(...args)
          connections.push(connection)
          return connection
        },
      }),
  )
  replace('setTimeout', (native: (run: () => void, ms?: number) => unknown) => (run: () => void, ms?: number) => {
    const timer = native(() => {
      timers.delete(timer)
      run()
    }, ms)
    timers.add(timer)
    return timer
  })
  replace('setInterval', (native: (run: () => void, ms?: number) => unknown) => (run: () => void, ms?: number) => {
    const timer = native(run, ms)
    timers.add(timer)
    return timer
  })
  for (const name of ['clearTimeout', 'clearInterval']) {
    replace(name, (native: (timer: unknown) => void) => (timer: unknown) => {
      timers.delete(timer)
      native(timer)
    })
  }
  replace('addEventListener', (native: (...args: unknown[]) => void) => (...args: unknown[]) => {
    listeners.push(String(args[0]))
    native(...args)
  })
  replace('removeEventListener', (native: (...args: unknown[]) => void) => (...args: unknown[]) => {
    const place = listeners.indexOf(String(args[0]))
    if (place >= 0) listeners.splice(place, 1)
    native(...args)
  })
  return { connections, timers, listeners, restore: () => Object.assign(page, before) }
}

describe('WebRTC transport in a browser', () => {
  it('leaves no connection, timer, listener or socket behind, closed while up and while connecting', async () => {
    const watched = watchResources()
    try {
      const signaling = createFakeSignaling()
      const join = async () => {
        const identity = await createIdentity()
        return createMember(identity, (handlers) => open(signaling, connectSimplePeer, identity, handlers))
      }
      const [a, b] = [await join(), await join()]
      await untilUp([a, b])
      // Still gathering candidates when it is closed.
      const c = await join()
      await c.until('connected to the server', ({ log }) => log.some((entry) => entry.kind === 'signaling'))
      await Promise.all([a, b, c].map(({ transport }) => transport.close()))
      expect(watched.connections.length).toBeGreaterThanOrEqual(2)
      expect(watched.connections.map((connection) => connection.connectionState)).toEqual(
        watched.connections.map(() => 'closed'),
      )
      expect(watched.listeners).toEqual([])
      expect(signaling.sockets.size).toBe(0)
      expect(watched.timers.size).toBe(0)
    } finally {
      watched.restore()
    }
  })

  it('names how direct a connection is', async () => {
    const signaling = createFakeSignaling()
    const members: Member[] = []
    for (let i = 0; i < 2; i += 1) {
      const identity = await createIdentity()
      members.push(createMember(identity, (handlers) => open(signaling, connectSimplePeer, identity, handlers)))
    }
    const [a, b] = members as [Member, Member]
    await untilUp(members)
    await a.until('a delay', ({ log }) => log.some((entry) => entry.kind === 'delay'))
    await expect.poll(() => a.transport.diagnostics().peers[0]?.candidatePair).toMatch(/^(host|prflx)$/)
    expect(a.transport.diagnostics().peers[0]).toMatchObject({ peer: b.peer, state: 'up' })
    await Promise.all(members.map(({ transport }) => transport.close()))
  })

  it('finds a new path for a connection without losing a frame', async () => {
    const { ends, opened } = couple()
    await opened
    const [a, b] = ends
    const before = b.connection.fingerprints()
    for (let i = 0; i < 10; i += 1) a.connection.send(Uint8Array.of(i))
    a.connection.restartIce([])
    await expect.poll(() => b.signals.filter(({ type }) => type === 'answer').length).toBe(2)
    for (let i = 10; i < 20; i += 1) a.connection.send(Uint8Array.of(i))
    await expect.poll(() => b.received.length).toBe(20)
    expect(b.received.map((bytes) => bytes[0])).toEqual(Array.from({ length: 20 }, (_, i) => i))
    expect(b.connection.fingerprints()).toEqual(before)
    for (const end of ends) end.connection.close()
  })

  it('lets the last frames out when it is released at once, as a page that goes away does', async () => {
    const { ends, opened } = couple()
    await opened
    const [a, b] = ends
    for (let i = 0; i < 4; i += 1) a.connection.send(new Uint8Array(2_000).fill(i))
    a.connection.close()
    await b.closed
    expect(b.received.map((bytes) => bytes[0])).toEqual([0, 1, 2, 3])
  })

  it('ends a connection whose other side sends nonsense, and throws nothing', async () => {
    const { ends } = couple()
    const [a, b] = ends
    a.connection.signal({ type: 'answer', sdp: 'nonsense' })
    b.connection.signal({ type: 'candidate', candidate: { candidate: 'nonsense', sdpMid: '0', sdpMLineIndex: 0 } })
    b.connection.signal({ type: 'offer', sdp: 'nonsense' })
    await Promise.all([a.closed, b.closed])
    expect(a.connection.send(Uint8Array.of(1))).toBe(false)
  })
})

interface End {
  connection: Connection
  readonly signals: Signal[]
  readonly received: Uint8Array[]
  readonly closed: Promise<void>
}

/** Two connections whose signals reach each other at once. */
const couple = () => {
  const opened: Promise<void>[] = []
  const open = (initiator: boolean, other: () => End): End => {
    const signals: Signal[] = []
    const received: Uint8Array[] = []
    let markOpen = () => {}
    let markClosed = () => {}
    opened.push(
      new Promise((resolve) => {
        markOpen = resolve
      }),
    )
    const closed = new Promise<void>((resolve) => {
      markClosed = resolve
    })
    const connection = connectSimplePeer(
      { peer: 'anybody', initiator, iceServers: [] },
      {
        signal: (signal) => {
          signals.push(signal)
          other().connection.signal(signal)
        },
        open: () => markOpen(),
        message: (bytes) => received.push(bytes),
        drained: () => {},
        interrupted: () => {},
        closed: () => markClosed(),
      },
    )
    return { connection, signals, received, closed }
  }
  const ends: [End, End] = [open(true, () => ends[1]), open(false, () => ends[0])]
  return { ends, opened: Promise.all(opened) }
}
