import { describe, expect, test } from 'vitest'
import { MAX_BUFFERED_BYTES, type Transport } from '../transport/port.ts'
import {
  createReassembler,
  decodeMessage,
  encodeEvent,
  encodeMessage,
  frameMessage,
  limits,
  type PeerMessage,
  type SealedEvent,
} from '../wire/index.ts'
import { BACKPRESSURE_BYTES, createLinks } from './links.ts'

const key = (name: string) => name.repeat(64)
const A = key('a')
const B = key('b')
const tips = (...names: string[]): PeerMessage => ({ kind: 'tips', tips: names.map(key) })
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** An event as its creator seals it; `signature` tells the verifier of these tests what to answer. */
function sealed(seq: number, isAuthentic = true): SealedEvent {
  const content = {
    ...{ sectionId: key('5'), creator: A, seq, selfParent: seq > 0 ? key('1') : null, otherParents: [] },
    ...{ createdAtMs: 1, attest: { height: 0, blockHash: key('5') }, body: { transactions: [], observations: [] } },
  }
  const { id, header, body } = encodeEvent(content)
  return { event: { ...content, id }, header, body, signature: new Uint8Array(64).fill(isAuthentic ? 1 : 0) }
}
function linksOf(of: string, isAuthentic = true): PeerMessage {
  const signature = new Uint8Array(64).fill(isAuthentic ? 1 : 0)
  return { kind: 'links', statement: { of, sinceMs: 1, peers: [B], signature } }
}
const events = (...list: SealedEvent[]): PeerMessage => ({ kind: 'events', events: list, more: false })

function rig(
  verify: (signature: Uint8Array, key: string) => Promise<boolean> = async (signature) => signature[0] === 1,
) {
  const received: { from: string; message: PeerMessage; isOver: boolean }[] = []
  const sent: { to: string; frame: Uint8Array }[] = []
  const dropped: string[] = []
  const caughtUp: string[] = []
  const known = new Set<string>()
  let verified = 0
  let buffered = 0
  let isFull = false
  const transport = {
    send: (to: string, frame: Uint8Array) => !isFull && sent.push({ to, frame }) > 0,
    bufferedBytes: () => buffered,
    disconnect: (peer: string, reason: string) => void dropped.push(`${peer[0]}: ${reason}`),
  } as unknown as Transport
  const links = createLinks({
    transport: () => transport,
    verifier: {
      admissible: () => true,
      verify: (key: string, signature: Uint8Array) => {
        verified++
        return verify(signature, key)
      },
    } as never,
    prepare: async () => {},
    isKnown: ({ event }) => known.has(event.id),
    message: (from, message, isOver) => void received.push({ from, message, isOver }),
    caughtUp: (peer) => void caughtUp.push(peer),
  })
  for (const peer of [A, B]) links.peerUp(peer)
  return {
    ...{ links, received, sent, dropped, caughtUp, known },
    verified: () => verified,
    setBuffered: (bytes: number) => {
      buffered = bytes
    },
    setFull: (full: boolean) => {
      isFull = full
    },
    deliver: (from: string, message: PeerMessage) => {
      for (const frame of frameMessage(encodeMessage(message))) links.frame(from, frame)
    },
    said: () =>
      received.map(({ from, message, isOver }) => `${from[0]} ${message.kind}${isOver ? ', and is gone' : ''}`),
  }
}

describe('what a peer breaks costs that peer its connection, is counted, and does not touch the others', () => {
  const message = (bytes: number[]) => frameMessage(Uint8Array.from(bytes))
  const first = (total: number, content: number) => {
    const frame = new Uint8Array(5 + content)
    frame[0] = 0x80
    new DataView(frame.buffer).setUint32(1, total)
    return frame
  }
  test.each([
    ['emptyFrame', [new Uint8Array()]],
    ['frameTooLarge', [new Uint8Array(limits.frameBytes + 1)]],
    ['unknownLane', [new Uint8Array([limits.lanes, 0])]],
    ['emptyMessage', [first(0, 0)]],
    ['messageTooLarge', [first(limits.messageBytes + 1, 1)]],
    ['unexpectedContinuation', [new Uint8Array([0, 1])]],
    ['unexpectedFirst', [first(limits.frameBytes, limits.frameBytes - 5), first(1, 1)]],
    ['wrongLength', [first(9, 1)]],
    ['malformed', message([250])],
    ['malformed', message([2, 0, 0, 0, 9])],
    ['unsupportedVersion', frameMessage(withVersion(9))],
    ['bodyMismatch', frameMessage(encodeMessage(events({ ...sealed(0), body: sealedBody() })))],
    ['badSignature', frameMessage(encodeMessage(events(sealed(0), sealed(1, false))))],
    ['badSignature', frameMessage(encodeMessage(linksOf(A, false)))],
    ['badSignature', frameMessage(encodeMessage(linksOf(B, false)))],
  ])('%s', async (fault, frames) => {
    const { links, dropped, deliver, said } = rig()
    for (const frame of frames) links.frame(A, frame)
    await turn()
    expect(dropped).toEqual([`a: ${fault}`])
    expect(links.faults).toEqual({ [fault]: 1 })
    deliver(A, tips('1'))
    deliver(B, tips('2'))
    await turn()
    expect(said()).toEqual(['b tips'])
  })

  test('overload: more bytes than may wait for their signatures', async () => {
    const { deliver, dropped, said } = rig(() => new Promise(() => {}))
    const heavy = sealedWith(new Uint8Array(limits.transactionBytes))
    for (let i = 0; i < 20; i++) deliver(A, events(heavy))
    expect(dropped).toEqual(['a: overload'])
    deliver(B, tips('2'))
    await turn()
    expect(said()).toEqual(['b tips'])
  })

  test('one forged event costs the whole message: a correct peer passes on only what it verified', async () => {
    const { deliver, said } = rig()
    deliver(A, events(sealed(0), sealed(1, false)))
    await turn()
    expect(said()).toEqual([])
  })

  test('what another peer stated of its links is passed on with its signature, and checked against its key', async () => {
    const asked: string[] = []
    const { deliver, said } = rig(async (signature, key) => {
      asked.push(key)
      return signature[0] === 1
    })
    deliver(A, linksOf(B))
    await turn()
    expect([asked, said()]).toEqual([[B], ['a links']])
  })

  test('a peer that comes back starts afresh', async () => {
    const { links, deliver, said } = rig()
    links.frame(A, new Uint8Array())
    links.peerUp(A)
    deliver(A, tips('1'))
    await turn()
    expect(said()).toEqual(['a tips'])
  })

  test('nothing that it sent before is taken after, were its connection gone by then', async () => {
    const { links, deliver, said } = rig()
    deliver(A, events(sealed(0, false)))
    deliver(A, events(sealed(0)))
    links.peerDown(A)
    await turn()
    expect(said()).toEqual([])
  })
})

test('what is said to one peer after another is encoded once', () => {
  const { links, sent } = rig()
  const message = events(sealed(0))
  for (const peer of [A, B]) links.send(peer, message)
  expect(sent.map(({ to }) => to)).toEqual([A, B])
  expect(sent[1]?.frame).toBe(sent[0]?.frame)
  links.send(A, events(sealed(1)))
  expect(sent[2]?.frame).not.toEqual(sent[0]?.frame)
})

test('the last words of a peer are handed on although it is gone by then', async () => {
  const { links, deliver, said, dropped } = rig()
  deliver(A, events(sealed(0)))
  links.peerDown(A)
  links.peerUp(A)
  deliver(A, tips('1'))
  await turn()
  expect(said().toSorted()).toEqual(['a events, and is gone', 'a tips'])
  expect(dropped).toEqual([])
})

describe('messages are handed on in the order in which a peer sent them', () => {
  test('though signatures are checked meanwhile; another peer need not wait', async () => {
    const gate: (() => void)[] = []
    const { deliver, said } = rig(() => new Promise((resolve) => gate.push(() => resolve(true))))
    deliver(A, events(sealed(0)))
    deliver(A, tips('1'))
    deliver(B, tips('2'))
    await turn()
    expect(said()).toEqual(['b tips'])
    for (const open of gate) open()
    await turn()
    expect(said()).toEqual(['b tips', 'a events', 'a tips'])
  })

  test('what is here already is not verified again', async () => {
    const { deliver, known, verified, said } = rig()
    known.add(sealed(0).event.id)
    deliver(A, events(sealed(0), sealed(1)))
    await turn()
    expect([verified(), said()]).toEqual([1, ['a events']])
  })
})

describe('a peer that lags', () => {
  test('gets nothing until its buffer has drained, and is then brought up to date', () => {
    const { links, sent, setBuffered, caughtUp } = rig()
    setBuffered(2 << 20)
    links.send(A, tips('1'))
    setBuffered(0)
    links.send(A, tips('2'))
    expect([sent, caughtUp]).toEqual([[], []])
    links.drained(A)
    expect(caughtUp).toEqual([A])
    links.send(A, tips('3'))
    expect(sent).toHaveLength(1)
  })

  test('that drains without having missed anything is told nothing', () => {
    const { links, caughtUp } = rig()
    links.send(A, tips('1'))
    links.drained(A)
    expect(caughtUp).toEqual([])
  })

  test('whose connection is about to end is not blamed for it', () => {
    const { links, setFull, dropped } = rig()
    setFull(true)
    links.send(A, tips('1'))
    expect(dropped).toEqual([])
    expect(links.faults).toEqual({})
  })

  test('is never given half a message: there is room for the largest one above the mark', () => {
    const frames = frameMessage(new Uint8Array(limits.messageBytes))
    const kindBytes = 1
    const bytes = frames.reduce((sum, frame) => sum + frame.length + kindBytes, 0)
    expect(BACKPRESSURE_BYTES + bytes).toBeLessThan(MAX_BUFFERED_BYTES)
  })

  test('does not keep others from getting theirs', () => {
    const { links, sent, setBuffered } = rig()
    setBuffered(2 << 20)
    links.send(A, tips('1'))
    setBuffered(0)
    links.send(B, tips('1'))
    expect(sent.map(({ to }) => to)).toEqual([B])
  })
})

describe('sending', () => {
  test('to whom is not there: nothing', () => {
    const { links, sent } = rig()
    links.send(key('c'), tips('1'))
    expect(sent).toEqual([])
  })

  test('many events go in messages of bounded size, and only the last says whether there is more', async () => {
    const { links, sent } = rig()
    const heavy = Array.from({ length: 6 }, () => sealedWith(new Uint8Array(limits.transactionBytes)))
    links.send(A, { kind: 'events', events: heavy, more: true })
    const reassembler = createReassembler()
    const messages = sent.flatMap(({ frame }) => {
      const result = reassembler.accept(frame)
      const whole = 'message' in result ? result.message : null
      const decoded = whole ? decodeMessage(whole) : null
      return decoded && 'ok' in decoded && decoded.ok.kind === 'events' ? decoded.ok : []
    })
    expect(messages.flatMap(({ events }) => events)).toHaveLength(heavy.length)
    expect(messages.length).toBeGreaterThan(1)
    expect(messages.map(({ more }) => more)).toEqual([...messages.slice(1).map(() => false), true])
  })
})

function sealedWith(transaction: Uint8Array): SealedEvent {
  const { event } = sealed(0)
  const content = { ...event, body: { transactions: [transaction], observations: [] } }
  const { id, header, body } = encodeEvent(content)
  return { event: { ...content, id }, header, body, signature: new Uint8Array(64).fill(1) }
}

/** A body that the header does not name. */
function sealedBody(): Uint8Array {
  return sealedWith(new Uint8Array([1])).body
}

/** An `events` message whose event has another version. */
function withVersion(version: number): Uint8Array {
  const event = sealed(0)
  const header = event.header.slice()
  header[0] = version
  return encodeMessage(events({ ...event, header }))
}
