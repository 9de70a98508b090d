import { describe, expect, test } from 'vitest'
import { transportContract } from '../../../test/transport/contract.ts'
import { createMember, framesFrom, untilUp } from '../../../test/transport/members.ts'
import { createMemoryNetwork } from '../../transport/memory.ts'
import { DRAINED_BYTES, type Transport, type TransportHandlers } from '../../transport/port.ts'
import { type BorrowedTransport, createBorrowedTransport } from './borrowed-transport.ts'
import { createChannel, type Endpoint } from './channel.ts'
import { lendTransport, type TransportNotice } from './lent-transport.ts'
import type { NetworkEvent } from './protocol.ts'

type Close = { readonly close: { readonly argument: null; readonly answer: null } }
// Types, not interfaces: only these count as records.
type Nothing = Record<never, never>

/** A transport as a worker has it, and the ports in between. */
function borrow(
  connect: (handlers: TransportHandlers) => Transport,
  handlers: TransportHandlers,
  ports: MessagePort[],
) {
  const { port1, port2 } = new MessageChannel()
  ports.push(port1, port2)
  const lent = lendTransport({ connect, tell: (event, transfer) => page.tell(event, transfer) })
  const page = createChannel<NetworkEvent, TransportNotice, Nothing, Close>({
    endpoint: port1 as unknown as Endpoint,
    hear: lent.onNotice,
    answers: {
      async close() {
        await lent.close()
        return null
      },
    },
  })
  const worker = createChannel<TransportNotice, NetworkEvent, Close, Nothing>({
    endpoint: port2 as unknown as Endpoint,
    hear: (event) => borrowed.onEvent(event),
    answers: {},
  })
  const borrowed: BorrowedTransport = createBorrowedTransport({
    handlers,
    tell: (notice, transfer) => worker.tell(notice as TransportNotice, transfer),
    closeTransport: () => worker.ask('close', null),
  })
  worker.tell({ kind: 'connect' })
  return { ...borrowed, diagnostics: lent.diagnostics }
}

transportContract('lent to another thread', async () => {
  const network = createMemoryNetwork()
  const ports: MessagePort[] = []
  return {
    open: (identity, handlers) => borrow((own) => network.join(identity.peer, own), handlers, ports),
    cut: network.cut,
    heal: network.heal,
    async close() {
      for (const port of ports.splice(0)) port.close()
    },
  }
})

describe('a lent transport', () => {
  const identity = (peer: string) => ({ peer: peer.repeat(64), sign: async () => new Uint8Array(64) })

  test('is drained once the page has sent what was posted, even if the page never had to buffer it', async () => {
    const network = createMemoryNetwork()
    const ports: MessagePort[] = []
    const [a, b] = ['a', 'b'].map((name) =>
      createMember(identity(name), (handlers) =>
        borrow((own) => network.join(identity(name).peer, own), handlers, ports),
      ),
    ) as [ReturnType<typeof createMember>, ReturnType<typeof createMember>]
    await untilUp([a, b])
    const frame = new Uint8Array(16_000)
    for (let sent = 0; sent <= DRAINED_BYTES; sent += frame.length) a.transport.send(b.peer, frame)
    expect(a.transport.bufferedBytes(b.peer)).toBeGreaterThan(DRAINED_BYTES)
    await a.until('drained', ({ log }) => log.some(({ kind }) => kind === 'drained'))
    expect(a.transport.bufferedBytes(b.peer)).toBeLessThanOrEqual(DRAINED_BYTES)
    await b.until('all frames', () => framesFrom(b, a.peer).length === 5)
    await Promise.all([a, b].map(({ transport }) => transport.close()))
    for (const port of ports) port.close()
  })

  test('tells what it sent once it adds up, as the worker counts all that it is not told of', async () => {
    const told: NetworkEvent[] = []
    let buffered = 0
    let drain = () => {}
    const lent = lendTransport({
      connect: (handlers) => {
        drain = () => handlers.drained('b')
        handlers.peerUp('b')
        return {
          ...{ bufferedBytes: () => buffered, disconnect: () => {}, peers: () => ['b'], close: async () => {} },
          ...{ diagnostics: () => ({ peers: [], signaling: [], refusals: {} }), send: () => true },
        }
      },
      tell: (event) => void (event.kind === 'sent' && told.push(event)),
    })
    const send = async (bytes: number) => {
      lent.onNotice({ kind: 'send', peer: 'b', link: 1, frame: new Uint8Array(bytes) })
      await Promise.resolve()
    }
    lent.onNotice({ kind: 'connect' })
    for (let i = 0; i < 16; i++) await send(1_000)
    expect(told).toEqual([])
    buffered = 300
    await send(1_000)
    expect(told).toMatchObject([{ link: 1, bytes: 17_000, bufferedBytes: 300 }])
    await send(1_000)
    expect(told).toHaveLength(1)
    // What the worker takes for buffered would stay so if it drained in silence.
    buffered = DRAINED_BYTES
    await send(16_000)
    await send(10)
    expect(told.slice(1)).toMatchObject([{ bytes: 17_000, bufferedBytes: DRAINED_BYTES }, { bytes: 10 }])
    buffered = 0
    drain()
    expect(told.at(-1)).toMatchObject({ bytes: 0, bufferedBytes: 0 })
  })

  test('drops what was meant for an earlier link to the same peer', () => {
    const frames: Uint8Array[] = []
    const lent = lendTransport({
      connect: (handlers) => {
        queueMicrotask(() => {
          handlers.peerUp('b')
          handlers.peerDown('b', 'replaced')
          handlers.peerUp('b')
        })
        return {
          ...{ bufferedBytes: () => 0, disconnect: () => {}, peers: () => [], close: async () => {} },
          diagnostics: () => ({ peers: [], signaling: [], refusals: {} }),
          send: (_peer, frame) => frames.push(frame) > 0,
        }
      },
      tell: () => {},
    })
    lent.onNotice({ kind: 'connect' })
    return Promise.resolve().then(() => {
      lent.onNotice({ kind: 'send', peer: 'b', link: 1, frame: Uint8Array.of(1) })
      lent.onNotice({ kind: 'send', peer: 'b', link: 2, frame: Uint8Array.of(2) })
      expect(frames).toEqual([Uint8Array.of(2)])
    })
  })
})
