/**
 * What two peers say to each other on a data channel below the application's frames: one kind byte, then fields in
 * network byte order. Everything is bounded by the channel's message size; a length never outruns the bytes at hand.
 */
import * as P from 'micro-packed'
import type { PeerId } from '../core/gossip/event.ts'
import { MAX_FRAME_BYTES, type RefusalCode } from './port.ts'

export const PROTOCOL_VERSION = 1
/** Bytes of a session id, a link id. */
export const ID_BYTES = 16
export const NONCE_BYTES = 32
export const SIGNATURE_BYTES = 64
/** Longest message on the channel: a frame and its kind byte. */
export const MAX_MESSAGE_BYTES = MAX_FRAME_BYTES + 1
/** Longest signaling message that a neighbour passes on, in bytes of JSON. */
export const MAX_RELAYED_BYTES = 12_288
export const MAX_NEIGHBOURS = 255
/** The last instant of ECMAScript's time values. */
const MAX_CLOCK_MS = 8_640_000_000_000_000n

export interface Hello {
  readonly room: string
  readonly peer: PeerId
  /** Random per page load, in hexadecimal. */
  readonly session: string
  readonly nonce: Uint8Array
}

/** Whom the sender has a link with. */
export interface Neighbour {
  readonly peer: PeerId
  readonly session: string
}

export type Goodbye = 'left' | 'replaced' | 'dropped'

export type Message =
  | { readonly kind: 'hello'; readonly hello: Hello }
  /** A hello that only its version is known of: any version keeps the first three bytes as they are. */
  | { readonly kind: 'otherVersion'; readonly version: number }
  | { readonly kind: 'proof'; readonly signature: Uint8Array }
  /** The sender has verified our proof: what it sends from now on is the application's. */
  | { readonly kind: 'accept' }
  | { readonly kind: 'refuse'; readonly code: RefusalCode }
  | { readonly kind: 'ping'; readonly id: number }
  /** With the answerer's clock, in whole milliseconds since 1970. */
  | { readonly kind: 'pong'; readonly id: number; readonly clockMs: number }
  | { readonly kind: 'goodbye'; readonly reason: Goodbye }
  | { readonly kind: 'frame'; readonly bytes: Uint8Array }
  | { readonly kind: 'neighbours'; readonly neighbours: readonly Neighbour[] }
  /** To a neighbour: pass `signal` on to `peer`. From a neighbour: `signal` comes from `peer`. */
  | { readonly kind: 'relay'; readonly peer: PeerId; readonly forward: boolean; readonly signal: string }
  | { readonly kind: 'malformed'; readonly detail: string }

const kinds = {
  hello: 1,
  proof: 2,
  accept: 3,
  refuse: 4,
  ping: 5,
  pong: 6,
  goodbye: 7,
  frame: 8,
  neighbours: 9,
  relay: 10,
} as const

const peerCoder = P.hex(32)
const idCoder = P.hex(ID_BYTES)
const helloCoder = P.struct({
  version: P.U16BE,
  room: P.string(P.U16BE),
  peer: peerCoder,
  session: idCoder,
  nonce: P.bytes(NONCE_BYTES),
})
const pongCoder = P.struct({ id: P.U32BE, clockMs: P.U64BE })
const proofCoder = P.bytes(SIGNATURE_BYTES)
const neighboursCoder = P.array(P.U8, P.struct({ peer: peerCoder, session: idCoder }))
const relayCoder = P.struct({ peer: peerCoder, forward: P.bool, signal: P.string(P.U16BE) })

const refusalCodes = [
  'wrongVersion',
  'wrongRoom',
  'badProof',
  'malformed',
  'timeout',
  'duplicateIdentity',
  'overload',
] as const
const goodbyes = ['left', 'replaced', 'dropped'] as const

const tagged = (kind: number, body: Uint8Array): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(1 + body.length)
  bytes[0] = kind
  bytes.set(body, 1)
  return bytes
}

type Sendable = Exclude<Message, { kind: 'malformed' | 'otherVersion' }>

export const encodeMessage = (message: Sendable): Uint8Array<ArrayBuffer> => {
  const kind = kinds[message.kind]
  switch (message.kind) {
    case 'hello':
      return tagged(kind, helloCoder.encode({ version: PROTOCOL_VERSION, ...message.hello }))
    case 'proof':
      return tagged(kind, proofCoder.encode(message.signature))
    case 'accept':
      return Uint8Array.of(kind)
    case 'refuse':
      return Uint8Array.of(kind, refusalCodes.indexOf(message.code))
    case 'ping':
      return tagged(kind, P.U32BE.encode(message.id))
    case 'pong':
      return tagged(kind, pongCoder.encode({ id: message.id, clockMs: BigInt(message.clockMs) }))
    case 'goodbye':
      return Uint8Array.of(kind, goodbyes.indexOf(message.reason))
    case 'frame':
      return tagged(kind, message.bytes)
    case 'neighbours':
      return tagged(kind, neighboursCoder.encode([...message.neighbours]))
    case 'relay':
      return tagged(kind, relayCoder.encode({ peer: message.peer, forward: message.forward, signal: message.signal }))
  }
}

const malformed = (detail: string): Message => ({ kind: 'malformed', detail })

/** Never throws. A frame's bytes are a view of `bytes`. */
export const decodeMessage = (bytes: Uint8Array): Message => {
  if (bytes.length === 0) return malformed('empty message')
  if (bytes.length > MAX_MESSAGE_BYTES) return malformed(`message of ${bytes.length} bytes`)
  try {
    return decodeBody(bytes[0], bytes.subarray(1))
  } catch {
    return malformed(`fields of kind ${bytes[0]}`)
  }
}

const decodeBody = (kind: number | undefined, body: Uint8Array): Message => {
  switch (kind) {
    case kinds.hello: {
      const version = P.U16BE.decode(body.subarray(0, 2))
      if (version !== PROTOCOL_VERSION) return { kind: 'otherVersion', version }
      const { room, peer, session, nonce } = helloCoder.decode(body)
      return { kind: 'hello', hello: { room, peer, session, nonce } }
    }
    case kinds.proof:
      return { kind: 'proof', signature: proofCoder.decode(body) }
    case kinds.accept:
      return body.length === 0 ? { kind: 'accept' } : malformed('trailing bytes')
    case kinds.refuse: {
      const code = body.length === 1 ? refusalCodes[body[0] ?? -1] : undefined
      return code ? { kind: 'refuse', code } : malformed('unknown refusal')
    }
    case kinds.ping:
      return { kind: 'ping', id: P.U32BE.decode(body) }
    case kinds.pong: {
      const { id, clockMs } = pongCoder.decode(body)
      return clockMs <= MAX_CLOCK_MS ? { kind: 'pong', id, clockMs: Number(clockMs) } : malformed('no time')
    }
    case kinds.goodbye: {
      const reason = body.length === 1 ? goodbyes[body[0] ?? -1] : undefined
      return reason ? { kind: 'goodbye', reason } : malformed('unknown goodbye')
    }
    case kinds.frame:
      return { kind: 'frame', bytes: body }
    case kinds.neighbours:
      return { kind: 'neighbours', neighbours: neighboursCoder.decode(body) }
    case kinds.relay:
      return { kind: 'relay', ...relayCoder.decode(body) }
    default:
      return malformed(`unknown kind ${kind}`)
  }
}
