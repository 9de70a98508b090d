/**
 * One connection to one peer, from the first signal to the release: handshake, then frames and heartbeats. A link
 * ends once and is never revived; the mesh makes another.
 */
import type { PeerId } from '../../core/gossip/event.ts'
import {
  createHandshake,
  HANDSHAKE_TIMEOUT_MS,
  type Handshake,
  type HandshakeEffect,
  refusedByThem,
} from '../handshake.ts'
import { type Heartbeat, heard, PING_INTERVAL_MS, pong, startHeartbeat, tick } from '../heartbeat.ts'
import { decodeMessage, encodeMessage, type Hello, type Message, NONCE_BYTES } from '../messages.ts'
import { type CandidatePairType, MAX_BUFFERED_BYTES } from '../port.ts'
import { MAX_SIGNALS_PER_LINK, type Signal } from '../signaling/messages.ts'
import { type CandidateTypes, candidateTypes, hasTurn } from './candidate-types.ts'
import type { Connection } from './connection.ts'
import type { LinkContext } from './context.ts'
import { canonicalFingerprint } from './fingerprint.ts'
import type { Link, LinkEnd, LinkHandlers, Traffic } from './link-contract.ts'

/** From the first signal to an open channel. */
const CONNECT_TIMEOUT_MS = 20_000
/** Last words get this long to leave. The other side usually closes before. */
const LINGER_MS = 250
const ICE_RESTART_PAUSE_MS = 5_000
const REFRESH_PAIR_EVERY = 8
/** A hello, or a refusal of ours: more than that nobody has to say before we have spoken. */
const MAX_EARLY = 2

type Timer = ReturnType<typeof setTimeout>

interface State {
  phase: Link['phase']
  connection: Connection | null
  handshake: Handshake | null
  heartbeat: Heartbeat | null
  timer: Timer | undefined
  candidatePair: CandidatePairType | null
  clockOffsetMs: number | null
  readonly local: CandidateTypes
  readonly remote: CandidateTypes
  turn: boolean
  remoteFingerprint: string | null
  readonly seen: Set<number>
  /** Signals that arrived before the connection could be made. */
  readonly waiting: Signal[]
  /** Messages that came before our own side was told that the channel is open. */
  readonly early: Uint8Array[]
  signalsSent: number
  beats: number
  restartedMs: number
  resolveReleased: () => void
}

interface Self {
  readonly context: LinkContext
  readonly initiator: boolean
  readonly peer: PeerId
  readonly traffic: Traffic
  readonly handlers: LinkHandlers
  readonly state: State
}

export const createLink = (
  context: LinkContext,
  options: {
    readonly initiator: boolean
    readonly peer: PeerId
    readonly traffic: Traffic
    readonly handlers: LinkHandlers
  },
): Link => {
  let resolveReleased = () => {}
  const released = new Promise<void>((resolve) => {
    resolveReleased = resolve
  })
  const state: State = {
    phase: 'connecting',
    connection: null,
    handshake: null,
    heartbeat: null,
    timer: undefined,
    candidatePair: null,
    clockOffsetMs: null,
    local: new Set(),
    remote: new Set(),
    turn: false,
    remoteFingerprint: null,
    seen: new Set(),
    waiting: [],
    early: [],
    signalsSent: 0,
    beats: 0,
    restartedMs: 0,
    resolveReleased,
  }
  const self: Self = { context, ...options, state }
  state.timer = setTimeout(() => finish(self, { reason: 'unreachable', refusal: null }), CONNECT_TIMEOUT_MS)
  void dial(self)
  return {
    get phase() {
      return state.phase
    },
    get rttMs() {
      return state.heartbeat?.smoothedRttMs ?? null
    },
    get candidatePair() {
      return state.candidatePair
    },
    get clockOffsetMs() {
      return state.clockOffsetMs
    },
    get candidates() {
      return { local: [...state.local].sort(), remote: [...state.remote].sort(), turn: state.turn }
    },
    get answered() {
      return state.seen.size > 0
    },
    receiveSignal: (n, signal) => receiveSignal(self, n, signal),
    send: (message) => state.phase === 'up' && transmit(self, encodeMessage(message)),
    bufferedBytes: () => (state.phase === 'up' ? (state.connection?.bufferedBytes() ?? 0) : 0),
    end: (goodbye) => {
      if (state.phase === 'up') transmit(self, encodeMessage({ kind: 'goodbye', reason: goodbye }))
      retire(self)
      return released
    },
    release: () => release(self),
    released,
  }
}

const dial = async (self: Self): Promise<void> => {
  const { state, context, handlers } = self
  const { wrtc } = context
  try {
    const servers = await currentIceServers(context)
    if (state.phase === 'over') return
    state.turn = hasTurn(servers)
    state.connection = context.connect(
      { peer: self.peer, initiator: self.initiator, iceServers: servers, ...(wrtc === undefined ? {} : { wrtc }) },
      {
        signal: (signal) => {
          if (state.phase === 'over' || state.signalsSent >= MAX_SIGNALS_PER_LINK) return
          for (const type of candidateTypes(signal)) state.local.add(type)
          handlers.signal(signal, state.signalsSent++)
        },
        open: () => opened(self),
        message: (bytes) => receive(self, bytes),
        drained: () => {
          if (state.phase === 'up') handlers.drained()
        },
        interrupted: () => void interrupted(self),
        closed: () => {
          if (state.phase === 'over') release(self)
          else finish(self, { reason: state.phase === 'connecting' ? 'unreachable' : 'failed', refusal: null })
        },
      },
    )
  } catch {
    finish(self, { reason: 'unreachable', refusal: null })
    return
  }
  for (const signal of state.waiting.splice(0)) passSignal(self, signal)
}

const currentIceServers = async ({ iceServers }: LinkContext): Promise<readonly RTCIceServer[]> =>
  typeof iceServers === 'function' ? await iceServers() : iceServers

const receiveSignal = (self: Self, n: number, signal: Signal): void => {
  const { state } = self
  // The parser bounds n, and with it what a peer can make us keep.
  if (state.phase === 'over' || state.seen.has(n)) return
  state.seen.add(n)
  if (state.connection) passSignal(self, signal)
  else state.waiting.push(signal)
}

/** An ICE restart brings new descriptions; the certificate that the proofs were about stays. */
const passSignal = (self: Self, signal: Signal): void => {
  const { state } = self
  for (const type of candidateTypes(signal)) state.remote.add(type)
  if (signal.type !== 'candidate') {
    const fingerprint = canonicalFingerprint(signal.sdp)
    const changed = state.remoteFingerprint !== null && state.remoteFingerprint !== fingerprint
    if (fingerprint === null || changed) {
      // Descriptions come over untrusted servers: what is wrong with one says nothing against a living link.
      if (state.phase === 'connecting') refuseLink(self, 'description without a certificate, or with another')
      return
    }
    state.remoteFingerprint = fingerprint
  }
  state.connection?.signal(signal)
}

const opened = (self: Self): void => {
  const { state, context } = self
  if (state.phase !== 'connecting') return
  clearTimeout(state.timer)
  const fingerprints = state.connection?.fingerprints()
  if (!fingerprints) {
    refuseLink(self, 'no certificate fingerprint')
    return
  }
  state.phase = 'proving'
  state.timer = setTimeout(() => perform(self, state.handshake?.timedOut() ?? []), HANDSHAKE_TIMEOUT_MS)
  const hello: Hello = {
    room: context.room,
    peer: context.identity.peer,
    session: context.session,
    nonce: crypto.getRandomValues(new Uint8Array(NONCE_BYTES)),
  }
  const { local: localFingerprint, remote: remoteFingerprint } = fingerprints
  state.handshake = createHandshake({ hello, localFingerprint, remoteFingerprint, expected: self.peer })
  perform(self, state.handshake.start())
  for (const bytes of state.early.splice(0)) perform(self, state.handshake?.receive(bytes) ?? [])
}

const perform = (self: Self, effects: readonly HandshakeEffect[]): void => {
  const { state, context } = self
  for (const effect of effects) {
    if (state.phase !== 'proving') return
    switch (effect.kind) {
      case 'send':
        transmit(self, effect.bytes)
        break
      case 'sign':
        void context.identity.sign(effect.message).then(
          (signature) => perform(self, state.handshake?.signed(signature) ?? []),
          () => finish(self, { reason: 'failed', refusal: null }),
        )
        break
      case 'verify':
        void context
          .verify(effect.peer, effect.signature, effect.message)
          .catch(() => false)
          .then((valid) => perform(self, state.handshake?.verified(valid) ?? []))
        break
      case 'accepted':
        rise(self, effect.session)
        break
      case 'refused':
        finish(self, { reason: 'refused', refusal: effect.refusal })
    }
  }
}

const rise = (self: Self, session: string): void => {
  const { state } = self
  clearTimeout(state.timer)
  state.phase = 'up'
  state.handshake = null
  state.heartbeat = startHeartbeat(performance.now())
  self.handlers.up(session)
  beat(self)
}

const beat = (self: Self): void => {
  const { state } = self
  if (state.phase !== 'up' || !state.heartbeat) return
  const { heartbeat, ping } = tick(state.heartbeat, performance.now())
  state.heartbeat = heartbeat
  if (ping === null) {
    finish(self, { reason: 'silent', refusal: null })
    return
  }
  transmit(self, encodeMessage({ kind: 'ping', id: ping }))
  if (state.beats++ % REFRESH_PAIR_EVERY === 0) void refreshPair(self)
  state.timer = setTimeout(() => beat(self), PING_INTERVAL_MS)
}

const refreshPair = async ({ state }: Self): Promise<void> => {
  // Statistics are no reason to lose a link.
  const pair = await state.connection?.candidatePair().catch(() => null)
  state.candidatePair = pair ?? state.candidatePair
}

const receive = (self: Self, bytes: Uint8Array): void => {
  const { state } = self
  if (state.phase === 'over') return
  self.traffic.received += bytes.length
  if (state.phase === 'connecting') {
    if (state.early.length < MAX_EARLY) state.early.push(bytes)
  } else if (state.phase === 'proving') perform(self, state.handshake?.receive(bytes) ?? [])
  else if (state.heartbeat) {
    state.heartbeat = heard(state.heartbeat, performance.now())
    handle(self, state.heartbeat, decodeMessage(bytes))
  }
}

const handle = (self: Self, heartbeat: Heartbeat, message: Message): void => {
  const { state, handlers } = self
  switch (message.kind) {
    case 'frame':
      handlers.frame(message.bytes)
      return
    case 'ping':
      transmit(self, encodeMessage({ kind: 'pong', id: message.id, clockMs: Math.floor(self.context.clockMs()) }))
      return
    case 'pong': {
      const next = pong(heartbeat, message.id, performance.now())
      state.heartbeat = next
      if (next === heartbeat || next.smoothedRttMs === null) return
      state.clockOffsetMs = message.clockMs - (self.context.clockMs() - (next.lastRttMs ?? 0) / 2)
      handlers.delay(next.smoothedRttMs)
      return
    }
    case 'neighbours':
      handlers.neighbours(message.neighbours)
      return
    case 'relay':
      handlers.relay(message)
      return
    case 'goodbye':
      finish(self, { reason: message.reason, refusal: null })
      return
    case 'refuse':
      finish(self, { reason: 'refused', refusal: refusedByThem(self.peer, message.code) })
      return
    default:
      refuseLink(self, message.kind === 'malformed' ? message.detail : `unexpected ${message.kind}`)
  }
}

const refuseLink = (self: Self, detail: string): void => {
  transmit(self, encodeMessage({ kind: 'refuse', code: 'malformed' }))
  finish(self, { reason: 'malformed', refusal: { peer: self.peer, by: 'us', code: 'malformed', detail } })
}

/** The initiator finds a new path; the heartbeat decides how long it may take. */
const interrupted = async ({ state, initiator, context }: Self): Promise<void> => {
  const now = performance.now()
  if (state.phase !== 'up' || !initiator || now - state.restartedMs < ICE_RESTART_PAUSE_MS) return
  state.restartedMs = now
  // TURN credentials may have expired since the connection was made.
  const iceServers = await currentIceServers(context).catch(() => null)
  if (iceServers && state.phase === 'up') state.connection?.restartIce(iceServers)
}

const transmit = ({ state, traffic }: Self, bytes: Uint8Array<ArrayBuffer>): boolean => {
  const { connection } = state
  if (!connection || connection.bufferedBytes() + bytes.length > MAX_BUFFERED_BYTES) return false
  if (!connection.send(bytes)) return false
  traffic.sent += bytes.length
  return true
}

const finish = (self: Self, end: LinkEnd): void => {
  if (self.state.phase === 'over') return
  // What the other side ended needs no last words; what we refuse gets ours out first.
  if (end.refusal?.by === 'us') retire(self)
  else release(self)
  self.handlers.ended(end)
}

const retire = (self: Self): void => {
  const { state } = self
  if (state.phase === 'over') return
  const open = state.phase === 'up' || state.phase === 'proving'
  clearTimeout(state.timer)
  state.phase = 'over'
  if (open) state.timer = setTimeout(() => release(self), LINGER_MS)
  else release(self)
}

const release = ({ state }: Self): void => {
  clearTimeout(state.timer)
  state.phase = 'over'
  const { connection } = state
  state.connection = null
  connection?.close()
  state.resolveReleased()
}
