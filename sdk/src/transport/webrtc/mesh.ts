/**
 * Who connects to whom, and when again. The peer with the smaller key of a pair makes every connection between them,
 * so no two offers cross; the other one asks for it by announcing itself. Introductions travel over the signaling
 * servers, between the tabs of one browser and, at the same time, over neighbours that both have in common: a section
 * goes on without any server.
 *
 * Nothing that signaling says is believed: it starts attempts, within bounds, and an established link yields only to
 * one that has proved the same key.
 */
import type { PeerId } from '../../core/gossip/event.ts'
import { type Random, randomHex } from '../backoff.ts'
import { ID_BYTES } from '../messages.ts'
import type { PeerDiagnostics, PeerDownReason, Refusal, TransportHandlers } from '../port.ts'
import type { SignalingMessage } from '../signaling/messages.ts'
import {
  createSignedSignals,
  type SignalContent,
  type SignalMessage,
  type SignedSignals,
} from '../signaling/signed-signals.ts'
import type { LinkContext } from './context.ts'
import { createLink } from './link.ts'
import type { Link, LinkEnd } from './link-contract.ts'
import { createPostOffice, type PostOffice } from './post-office.ts'
import {
  type Attempt,
  countDrop,
  createRemote,
  diagnosePeer,
  isForgettable,
  isGone,
  MAX_ATTEMPTS_PER_REMOTE,
  MAX_FOREIGN_ATTEMPTS,
  MAX_GONE,
  MAX_OWN_ATTEMPTS,
  MAX_REMOTES,
  pendingAttempts,
  type Remote,
  remember,
} from './remotes.ts'
import { announceTo, bar, barMs, planReturn, scheduleRetry } from './retry.ts'

export interface MeshOptions {
  readonly context: LinkContext
  readonly random: Random
  /** To everybody in the room, over all signaling paths. */
  publish(message: SignalingMessage): void
  /** Counted and reported by the owner. */
  refused(refusal: Refusal): void
  readonly handlers: Pick<TransportHandlers, 'peerUp' | 'peerDown' | 'frame' | 'drained' | 'delay'>
}

export interface Mesh {
  announce(): void
  receive(message: SignalingMessage): void
  send(peer: PeerId, frame: Uint8Array): boolean
  bufferedBytes(peer: PeerId): number
  disconnect(peer: PeerId, reason: string): void
  peers(): readonly PeerId[]
  diagnostics(): readonly PeerDiagnostics[]
  /** With goodbyes; resolves when every connection is released. No handler is called any more. */
  close(): Promise<void>
  /** At once, for a page that goes away. Answers with the peers that were up. */
  release(): readonly PeerId[]
}

/** A link that lasted this long was a good one. */
const LASTING_MS = 10_000
/** Whoever was up a moment ago is there: however often its link broke, the next try is seconds away. */
const MAX_FLAPS = 4
/** An offer that nobody answers for this long went nowhere: the next announcement gets a new one. */
const UNANSWERED_MS = 3_000
const ANSWER_PAUSE_MS = 1_000

interface State extends MeshOptions {
  readonly self: PeerId
  readonly session: string
  readonly remotes: Map<PeerId, Remote>
  /** Foreign sessions with our own key that were reported. */
  readonly doubles: Set<string>
  readonly postOffice: PostOffice
  readonly signals: SignedSignals
  /** All that hold a connection, those with nothing left but last words included. */
  readonly links: Set<Link>
  closed: boolean
}

export const createMesh = (options: MeshOptions): Mesh => {
  const { identity, session } = options.context
  const remotes = new Map<PeerId, Remote>()
  const state: State = {
    ...options,
    self: identity.peer,
    session,
    remotes,
    doubles: new Set(),
    links: new Set(),
    closed: false,
    signals: createSignedSignals({
      sign: identity.sign,
      verify: options.context.verify,
      forged: ({ from }) => {
        if (!state.closed) options.refused({ code: 'badProof', by: 'us', peer: from })
      },
    }),
    postOffice: createPostOffice({
      self: identity.peer,
      session,
      remotes,
      random: options.random,
      publish: options.publish,
      refused: options.refused,
      receive: (message) => receive(state, message),
      heard: (peer, theirs) => meet(state, peer, theirs, undefined),
    }),
  }
  const upLink = (peer: PeerId) => remotes.get(peer)?.up?.link
  return {
    announce: () => options.publish({ type: 'parsec-announce', from: identity.peer, session }),
    receive: (message) => receive(state, message),
    send: (peer, bytes) => upLink(peer)?.send({ kind: 'frame', bytes }) ?? false,
    bufferedBytes: (peer) => upLink(peer)?.bufferedBytes() ?? 0,
    disconnect: (peer, reason) => disconnect(state, peer, reason),
    peers: () => peersUp(state),
    diagnostics: () => [...remotes.values()].map((remote) => diagnosePeer(remote, remotes.values(), performance.now())),
    close: async () => {
      shut(state)
      await Promise.all([...state.links].map((link) => link.end('left')))
    },
    release: () => {
      const up = peersUp(state)
      shut(state)
      for (const link of state.links) {
        void link.end('left')
        link.release()
      }
      return up
    },
  }
}

const peersUp = (state: State): PeerId[] =>
  [...state.remotes.values()].flatMap((remote) => (remote.up ? [remote.peer] : [])).sort()

const shut = (state: State): void => {
  state.closed = true
  state.postOffice.close()
  for (const remote of state.remotes.values()) clearTimeout(remote.retry)
  state.remotes.clear()
}

const receive = (state: State, message: SignalingMessage): void => {
  if (state.closed || (message.to !== undefined && message.to !== state.self)) return
  if (message.type === 'parsec-announce') meet(state, message.from, message.session, message.lost)
  else if (message.from !== state.self && message.toSession === state.session) {
    const taken = state.signals.open(message, (proved) => takeSignal(state, proved))
    if (!taken) state.refused({ code: 'overload', by: 'us', peer: message.from, limit: 'signals' })
  }
}

/** Somebody says that `peer` is there, in `session`. */
const meet = (state: State, peer: PeerId, session: string, lost: string | undefined): void => {
  const remote = acquaint(state, peer, session)
  if (!remote) return
  const broken = lost !== undefined && remote.up?.id === lost
  if (remote.up?.session === session && !broken) return
  if (state.self < peer) initiate(state, remote)
  else requestOffer(state, remote, session)
}

/** Null for those whom we do not want to hear of. */
const acquaint = (state: State, peer: PeerId, session: string): Remote | null => {
  if (peer === state.self) {
    if (session !== state.session && !state.doubles.has(session) && state.doubles.size < MAX_REMOTES) {
      state.doubles.add(session)
      state.refused({ code: 'duplicateIdentity', by: 'us', peer })
    }
    return null
  }
  const remote = state.remotes.get(peer) ?? addRemote(state, peer)
  if (!remote || remote.barredUntilMs > performance.now() || remote.superseded.includes(session)) return null
  remote.session = session
  return remote
}

const addRemote = (state: State, peer: PeerId): Remote | null => {
  const now = performance.now()
  const gone = [...state.remotes.values()].filter((candidate) => isGone(candidate, now))
  if (gone.length >= MAX_GONE) state.remotes.delete((gone[0] as Remote).peer)
  if (state.remotes.size >= MAX_REMOTES) {
    const idle = [...state.remotes.values()].find((candidate) => isForgettable(candidate, now))
    if (!idle) {
      state.refused({ code: 'overload', by: 'us', peer, limit: 'peers' })
      return null
    }
    clearTimeout(idle.retry)
    state.remotes.delete(idle.peer)
  }
  const remote = createRemote(peer)
  state.remotes.set(peer, remote)
  return remote
}

const initiate = (state: State, remote: Remote): void => {
  const now = performance.now()
  const { session } = remote
  if (session === null) return
  const current = pendingAttempts(remote).find((attempt) => attempt.session === session)
  if (current) {
    if (current.link.answered || now - current.startedMs < UNANSWERED_MS) return
    abandon(remote, current)
  }
  if (now < remote.notBeforeMs) {
    // It is there, so it need not be asked again first.
    clearTimeout(remote.retry)
    remote.retry = setTimeout(() => {
      remote.retry = undefined
      initiate(state, remote)
    }, remote.notBeforeMs - now)
    return
  }
  if (countAttempts(state, true) >= MAX_OWN_ATTEMPTS) {
    state.refused({ code: 'overload', by: 'us', peer: remote.peer, limit: 'attempts' })
    return
  }
  addAttempt(state, remote, randomHex(ID_BYTES), session, true)
}

/** The other side makes the connection, once it hears that we are here. */
const requestOffer = (state: State, remote: Remote, session: string): void => {
  const now = performance.now()
  if (session === remote.answeredSession && now - remote.answeredMs < ANSWER_PAUSE_MS) return
  remote.answeredMs = now
  remote.answeredSession = session
  announceTo(state, remote)
  // Should the answer be lost, or its offer.
  scheduleRetry(state, remote, 2 * UNANSWERED_MS)
}

const countAttempts = (state: State, own: boolean): number => {
  let count = 0
  for (const remote of state.remotes.values()) {
    for (const attempt of remote.attempts.values()) if (attempt !== remote.up && attempt.initiator === own) count += 1
  }
  return count
}

const takeSignal = (state: State, message: SignalMessage): void => {
  if (state.closed) return
  const remote = acquaint(state, message.from, message.session)
  if (!remote || remote.ended.includes(message.link)) return
  const attempt = remote.attempts.get(message.link) ?? acceptAttempt(state, remote, message.link, message.session)
  if (attempt?.session === message.session) attempt.link.receiveSignal(message.n, message.signal)
}

const acceptAttempt = (state: State, remote: Remote, id: string, session: string): Attempt | null => {
  // Ours to make: whoever names another one has something old, or something made up.
  if (state.self < remote.peer) return null
  if (
    pendingAttempts(remote).length >= MAX_ATTEMPTS_PER_REMOTE ||
    countAttempts(state, false) >= MAX_FOREIGN_ATTEMPTS
  ) {
    state.refused({ code: 'overload', by: 'us', peer: remote.peer, limit: 'attempts' })
    return null
  }
  return addAttempt(state, remote, id, session, false)
}

const addAttempt = (state: State, remote: Remote, id: string, session: string, initiator: boolean): Attempt => {
  const { handlers, postOffice } = state
  const { peer } = remote
  const addresses = { type: 'signal', from: state.self, session: state.session, to: peer, toSession: session } as const
  const attempt: Attempt = {
    id,
    session,
    initiator,
    startedMs: performance.now(),
    link: createLink(state.context, {
      initiator,
      peer,
      traffic: remote.traffic,
      handlers: {
        signal: (signal, n) => sendSignal(state, { ...addresses, link: id, n, signal }),
        up: (proved) => rise(state, remote, attempt, proved),
        frame: (bytes) => handlers.frame(peer, bytes),
        drained: () => handlers.drained(peer),
        delay: (roundTripMs) => handlers.delay(peer, roundTripMs),
        neighbours: (neighbours) => postOffice.takeNeighbours(remote, neighbours),
        relay: (message) => postOffice.takeRelay(remote, message),
        ended: (end) => fall(state, remote, attempt, end),
      },
    }),
  }
  remote.attempts.set(id, attempt)
  state.links.add(attempt.link)
  void attempt.link.released.then(() => state.links.delete(attempt.link))
  return attempt
}

const sendSignal = (state: State, content: SignalContent): void =>
  state.signals.seal(content, (message) => {
    if (!state.closed) state.postOffice.post(message)
  })

const abandon = (remote: Remote, attempt: Attempt): void => {
  remote.attempts.delete(attempt.id)
  remember(remote.ended, attempt.id)
  attempt.link.release()
}

const rise = (state: State, remote: Remote, attempt: Attempt, session: string): void => {
  const before = remote.up
  for (const other of pendingAttempts(remote)) {
    if (other !== attempt && other.session === session) abandon(remote, other)
  }
  remote.up = attempt
  remote.upSinceMs = performance.now()
  remote.lost = null
  remote.pathless = null
  remote.refusal = null
  clearTimeout(remote.retry)
  remote.retry = undefined
  if (before) {
    remote.attempts.delete(before.id)
    remember(remote.ended, before.id)
    countDrop(remote, 'replaced')
    if (before.session === session) before.link.release()
    else {
      remember(remote.superseded, before.session)
      void before.link.end('replaced')
    }
    state.handlers.peerDown(remote.peer, 'replaced')
  }
  if (state.closed || remote.up !== attempt) return
  state.handlers.peerUp(remote.peer)
  state.postOffice.neighboursChanged()
}

const fall = (state: State, remote: Remote, attempt: Attempt, end: LinkEnd): void => {
  const now = performance.now()
  const wasUp = remote.up === attempt
  remote.attempts.delete(attempt.id)
  remember(remote.ended, attempt.id)
  countDrop(remote, end.refusal ? end.refusal.code : end.reason)
  if (wasUp) {
    remote.up = null
    remote.neighbours = []
    remote.lost = attempt.id
  }
  if (wasUp) remote.failures = now - remote.upSinceMs >= LASTING_MS ? 0 : Math.min(remote.failures + 1, MAX_FLAPS)
  else remote.failures += 1
  remote.pathless = end.reason === 'unreachable' ? attempt.link.candidates : null
  remote.refusal = end.refusal
  planReturn(state, remote, attempt, end)
  if (end.refusal) state.refused(end.refusal)
  if (end.reason === 'replaced') state.refused({ code: 'duplicateIdentity', by: 'them', peer: remote.peer })
  if (wasUp && !state.closed) {
    state.handlers.peerDown(remote.peer, downReason(end))
    if (!state.closed) state.postOffice.neighboursChanged()
  }
}

const downReason = ({ reason }: LinkEnd): PeerDownReason => {
  // To be replaced is to be dropped: the peer goes on with another session of ours.
  if (reason === 'refused' || reason === 'replaced') return 'dropped'
  return reason === 'unreachable' ? 'failed' : reason
}

const disconnect = (state: State, peer: PeerId, reason: string): void => {
  const remote = state.remotes.get(peer) ?? addRemote(state, peer)
  if (!remote) return
  const wasUp = remote.up !== null
  countDrop(remote, reason)
  bar(state, remote, barMs(remote))
  remote.up = null
  remote.neighbours = []
  for (const attempt of remote.attempts.values()) {
    remember(remote.ended, attempt.id)
    void attempt.link.end('dropped')
  }
  remote.attempts.clear()
  if (!wasUp) return
  queueMicrotask(() => {
    if (state.closed) return
    state.handlers.peerDown(peer, 'disconnected')
    if (!state.closed) state.postOffice.neighboursChanged()
  })
}
