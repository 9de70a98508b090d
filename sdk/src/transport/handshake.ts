/**
 * Proof of keys between two peers that reached each other, as a pure state machine: it is told what arrived and says
 * what to do. Both say hello, both sign one transcript, both accept; `accepted` comes when our side has verified the
 * peer's proof *and* the peer has accepted ours, so neither takes for connected what the other refuses.
 *
 * The transcript holds the DTLS fingerprints (RFC 8122) of both descriptions. Whoever swaps the descriptions on the way
 * (a signaling server) ends up with other fingerprints on the two sides, and neither proof verifies.
 */
import * as P from 'micro-packed'
import type { PeerId } from '../core/gossip/event.ts'
import { decodeMessage, encodeMessage, type Hello, type Message, PROTOCOL_VERSION } from './messages.ts'
import type { Refusal, RefusalCode } from './port.ts'

/** Ours; the peer may take as long before it is refused. */
export const HANDSHAKE_TIMEOUT_MS = 10_000

const DOMAIN_TAG = 'parsec-web/handshake/1'

export interface HandshakeConfig {
  readonly hello: Hello
  /** Canonical fingerprints of the local and the remote description; the empty string where there is no DTLS. */
  readonly localFingerprint: string
  readonly remoteFingerprint: string
  /** Whom the signaling said that this is; null takes anybody. */
  readonly expected: PeerId | null
}

export type HandshakeEffect =
  | { readonly kind: 'send'; readonly bytes: Uint8Array<ArrayBuffer> }
  /** Answer with `signed`. */
  | { readonly kind: 'sign'; readonly message: Uint8Array<ArrayBuffer> }
  /** Answer with `verified`. */
  | {
      readonly kind: 'verify'
      readonly peer: PeerId
      readonly signature: Uint8Array
      readonly message: Uint8Array<ArrayBuffer>
    }
  | { readonly kind: 'accepted'; readonly peer: PeerId; readonly session: string }
  /** The connection is to be dropped. */
  | { readonly kind: 'refused'; readonly refusal: Refusal }

export interface Handshake {
  start(): HandshakeEffect[]
  receive(bytes: Uint8Array): HandshakeEffect[]
  signed(signature: Uint8Array): HandshakeEffect[]
  verified(valid: boolean): HandshakeEffect[]
  timedOut(): HandshakeEffect[]
}

interface State {
  over: boolean
  theirs: Hello | null
  transcript: Uint8Array<ArrayBuffer> | null
  proofReceived: boolean
  /** We have verified their proof. */
  proofVerified: boolean
  proofSent: boolean
  /** They have verified ours. */
  acceptReceived: boolean
}

const transcriptCoder = P.struct({
  tag: P.string(P.U8),
  nonces: P.tuple([P.bytes(32), P.bytes(32)]),
  keys: P.tuple([P.hex(32), P.hex(32)]),
  fingerprints: P.tuple([P.string(P.U16BE), P.string(P.U16BE)]),
})

/** The smaller key's half comes first, so that both sides write the same bytes. */
export const handshakeTranscript = (
  a: { readonly hello: Hello; readonly fingerprint: string },
  b: { readonly hello: Hello; readonly fingerprint: string },
): Uint8Array<ArrayBuffer> => {
  const [low, high] = a.hello.peer < b.hello.peer ? [a, b] : [b, a]
  return new Uint8Array(
    transcriptCoder.encode({
      tag: DOMAIN_TAG,
      nonces: [low.hello.nonce, high.hello.nonce],
      keys: [low.hello.peer, high.hello.peer],
      fingerprints: [low.fingerprint, high.fingerprint],
    }),
  )
}

export const createHandshake = (config: HandshakeConfig): Handshake => {
  const state: State = {
    over: false,
    theirs: null,
    transcript: null,
    proofReceived: false,
    proofVerified: false,
    proofSent: false,
    acceptReceived: false,
  }
  const running = (step: () => HandshakeEffect[]): HandshakeEffect[] => (state.over ? [] : step())
  return {
    start: () => [{ kind: 'send', bytes: encodeMessage({ kind: 'hello', hello: config.hello }) }],
    receive: (bytes) => running(() => receive(config, state, decodeMessage(bytes))),
    signed: (signature) =>
      running(() => {
        state.proofSent = true
        return [{ kind: 'send', bytes: encodeMessage({ kind: 'proof', signature }) }, ...acceptance(state)]
      }),
    verified: (valid) =>
      running(() => {
        if (!valid) return refuse(state, config.expected, { code: 'badProof' })
        state.proofVerified = true
        return [{ kind: 'send', bytes: encodeMessage({ kind: 'accept' }) }, ...acceptance(state)]
      }),
    timedOut: () => running(() => refuse(state, config.expected, { code: 'timeout' })),
  }
}

const receive = (config: HandshakeConfig, state: State, message: Message): HandshakeEffect[] => {
  const unexpected = () =>
    refuse(state, config.expected, { code: 'malformed', detail: `unexpected ${message.kind} in the handshake` })
  switch (message.kind) {
    case 'otherVersion':
      return refuse(state, config.expected, { code: 'wrongVersion', ours: PROTOCOL_VERSION, theirs: message.version })
    case 'hello':
      return state.theirs ? unexpected() : greet(config, state, message.hello)
    case 'proof': {
      if (!state.theirs || !state.transcript || state.proofReceived) return unexpected()
      state.proofReceived = true
      const { peer } = state.theirs
      return [{ kind: 'verify', peer, signature: message.signature, message: state.transcript }]
    }
    case 'accept':
      if (!state.proofSent || state.acceptReceived) return unexpected()
      state.acceptReceived = true
      return acceptance(state)
    case 'refuse':
      state.over = true
      return [{ kind: 'refused', refusal: refusedByThem(config.expected, message.code) }]
    case 'malformed':
      return refuse(state, config.expected, { code: 'malformed', detail: message.detail })
    default:
      return unexpected()
  }
}

const greet = (config: HandshakeConfig, state: State, theirs: Hello): HandshakeEffect[] => {
  if (theirs.room !== config.hello.room) return refuse(state, theirs.peer, { code: 'wrongRoom' })
  if (theirs.peer === config.hello.peer) return refuse(state, theirs.peer, { code: 'duplicateIdentity' })
  if (config.expected !== null && theirs.peer !== config.expected)
    return refuse(state, theirs.peer, { code: 'badProof' })
  state.theirs = theirs
  state.transcript = handshakeTranscript(
    { hello: config.hello, fingerprint: config.localFingerprint },
    { hello: theirs, fingerprint: config.remoteFingerprint },
  )
  return [{ kind: 'sign', message: state.transcript }]
}

const acceptance = (state: State): HandshakeEffect[] => {
  if (!state.theirs || !state.proofVerified || !state.acceptReceived) return []
  state.over = true
  return [{ kind: 'accepted', peer: state.theirs.peer, session: state.theirs.session }]
}

type Fault = Refusal extends infer R ? (R extends Refusal ? Omit<R, 'peer' | 'by'> : never) : never

const refuse = (state: State, peer: PeerId | null, fault: Fault): HandshakeEffect[] => {
  state.over = true
  return [
    { kind: 'send', bytes: encodeMessage({ kind: 'refuse', code: fault.code }) },
    { kind: 'refused', refusal: { peer, by: 'us', ...fault } },
  ]
}

/** Their reason in our terms; details stay theirs. */
export const refusedByThem = (peer: PeerId | null, code: RefusalCode): Refusal => {
  switch (code) {
    case 'wrongVersion':
      return { peer, by: 'them', code, ours: PROTOCOL_VERSION, theirs: null }
    case 'malformed':
      return { peer, by: 'them', code, detail: 'said by the peer' }
    case 'overload':
      return { peer, by: 'them', code, limit: 'attempts' }
    default:
      return { peer, by: 'them', code }
  }
}
