/** Random and mutated WebSocket frames from a seed. Imports Node and pure-rand. */
import { randomBytes } from 'node:crypto'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

export interface Random {
  /** From 0 to `below` − 1. */
  int(below: number): number
  pick<T>(values: readonly [T, ...T[]]): T
  bytes(length: number): Buffer
}

export const createRandom = (seed: number): Random => {
  const generator = xoroshiro128plus(seed)
  const int = (below: number): number => uniformInt(generator, 0, below - 1)
  return {
    int,
    pick: (values) => values[int(values.length)] ?? values[0],
    bytes: (length) => Buffer.from(Uint8Array.from({ length }, () => int(256))),
  }
}

const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 }

interface FrameHead {
  readonly opcode?: number
  readonly fin?: boolean
  readonly reserved?: number
  readonly masked?: boolean
  /** What the head claims, where that is not the truth. */
  readonly length?: number
}

/** RFC 6455, section 5.2. The mask is zero, so that the payload is sent as it is. */
export const encodeFrame = (payload: Buffer, head: FrameHead = {}): Buffer => {
  const { opcode = opcodes.text, fin = true, reserved = 0, masked = true, length = payload.length } = head
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode
  const maskBit = masked ? 0x80 : 0
  let header: Buffer
  if (length < 126) {
    header = Buffer.from([first, maskBit | length])
  } else if (length < 65_536) {
    header = Buffer.alloc(4)
    header.writeUInt16BE(length, 2)
    header[0] = first
    header[1] = maskBit | 126
  } else {
    header = Buffer.alloc(10)
    header.writeBigUInt64BE(BigInt(length), 2)
    header[0] = first
    header[1] = maskBit | 127
  }
  return Buffer.concat([header, Buffer.alloc(masked ? 4 : 0), payload])
}

const seeds = [
  '{"type":"subscribe","topics":["room","other"]}',
  '{"type":"unsubscribe","topics":["room"]}',
  '{"type":"publish","topic":"room","data":{"type":"announce","from":"6ba7b810"}}',
  '{"type":"publish","topic":"pair","data":{"to":"x","from":"y","type":"signal","signal":{"sdp":"v=0\\r\\n"}}}',
  '{"type":"ping"}',
] as const

const keys = [
  'type',
  'topics',
  'topic',
  'data',
  'clients',
  'parsec',
  '__proto__',
  'constructor',
  'toString',
  '',
] as const
const texts = [
  'subscribe',
  'unsubscribe',
  'publish',
  'ping',
  'pong',
  'subscribed',
  'room',
  'pair',
  '__proto__',
  '',
] as const

/** Any JSON value, mostly built of the protocol's own words. */
const randomValue = (random: Random, depth: number): unknown => {
  const many = <T>(make: () => T): T[] => Array.from({ length: random.int(4) }, make)
  switch (random.int(depth > 0 ? 8 : 6)) {
    case 0:
      return null
    case 1:
      return random.int(2) === 0
    case 2:
      return random.pick([0, -1, 1e308, 2 ** 53, 0.1])
    case 3:
      return random.bytes(random.int(20)).toString('latin1')
    case 4:
    case 5:
      return random.pick(texts)
    case 6:
      return many(() => randomValue(random, depth - 1))
    default:
      return Object.fromEntries(many(() => [random.pick(keys), randomValue(random, depth - 1)]))
  }
}

const randomMessage = (random: Random): string => {
  const type = random.pick(['subscribe', 'unsubscribe', 'publish', 'publish', 'ping', 'nothing'])
  const topic = random.pick(['room', 'pair', 'a', 'b', random.int(500).toString()])
  const valueOr = <T>(value: T): unknown => (random.int(20) === 0 ? randomValue(random, 3) : value)
  return JSON.stringify({
    type: valueOr(type),
    topic: valueOr(topic),
    topics: [topic, ...(random.int(4) === 0 ? [randomValue(random, 1)] : [])],
    parsec: random.int(2) === 0,
    data: randomValue(random, 3),
  })
}

const mutate = (text: string, random: Random): Buffer => {
  const bytes = Buffer.from(text)
  const at = random.int(bytes.length)
  switch (random.int(4)) {
    case 0:
      bytes[at] = random.int(256)
      return bytes
    case 1:
      return bytes.subarray(0, at)
    case 2:
      return Buffer.concat([bytes.subarray(0, at), random.bytes(1 + random.int(4)), bytes.subarray(at)])
    default:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(random.int(bytes.length))])
  }
}

const nested = (random: Random): Buffer => {
  const depth = 1 + random.int(30_000)
  return Buffer.from(`{"type":"publish","topic":"room","data":${'['.repeat(depth)}${']'.repeat(depth)}}`)
}

/** Sizes at the edges of the length encodings and of the limit. */
const sized = (random: Random): Buffer => {
  const length = random.pick([125, 126, 127, 65_535, 65_536, 65_537, 100_000])
  return encodeFrame(Buffer.alloc(length, random.pick(['x', ' ', '1', '['])))
}

const fragmented = (random: Random): Buffer => {
  const payload = Buffer.from(random.pick(seeds))
  const at = random.int(payload.length)
  const between = random.int(2) === 0 ? [encodeFrame(Buffer.alloc(0), { opcode: opcodes.ping })] : []
  return Buffer.concat([
    encodeFrame(payload.subarray(0, at), { fin: false }),
    ...between,
    encodeFrame(payload.subarray(at), { opcode: opcodes.continuation }),
  ])
}

const control = (random: Random): Buffer => {
  const opcode = random.pick([opcodes.ping, opcodes.pong])
  return encodeFrame(random.bytes(random.int(126)), { opcode })
}

const anyHead = (random: Random): Buffer => {
  const payload = random.bytes(random.int(200))
  return encodeFrame(payload, {
    opcode: random.int(16),
    fin: random.int(2) === 0,
    reserved: random.int(8),
    masked: random.int(2) === 0,
    length: random.pick([payload.length, 0, 127, 65_536, 2 ** 40]),
  })
}

/** Frames that a socket survives: behind the frame parser is our own code. */
const harmlessFrame = (random: Random): Buffer => {
  const kind = random.int(100)
  const opcode = 1 + random.int(2)
  if (kind < 85) return encodeFrame(Buffer.from(randomMessage(random)), { opcode })
  if (kind < 92) return encodeFrame(Buffer.from(JSON.stringify(randomValue(random, 5))), { opcode })
  return kind < 96 ? control(random) : fragmented(random)
}

/** Frames that usually end their socket. */
const harmfulFrame = (random: Random): Buffer => {
  const kind = random.int(100)
  if (kind < 60) return encodeFrame(mutate(random.pick(seeds), random), { opcode: 1 + random.int(2) })
  if (kind < 65) return encodeFrame(Buffer.from(JSON.stringify({ type: 'subscribe', topics: randomValue(random, 3) })))
  if (kind < 75) return anyHead(random)
  if (kind < 80) return encodeFrame(random.bytes(random.int(300)))
  if (kind < 85) return random.bytes(1 + random.int(300))
  if (kind < 90) return encodeFrame(random.bytes(random.int(140)), { opcode: opcodes.close })
  if (kind < 95) return sized(random)
  return encodeFrame(nested(random))
}

/** The frames of one connection: up to 200 harmless ones, then up to four of the other kind, of which one gets through. */
export const randomFrames = (random: Random): Buffer[] => [
  ...Array.from({ length: random.int(200) }, () => harmlessFrame(random)),
  ...Array.from({ length: random.int(5) }, () => harmfulFrame(random)),
]

export const handshake = (): string =>
  `GET / HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${randomBytes(16).toString('base64')}\r\n\r\n`
