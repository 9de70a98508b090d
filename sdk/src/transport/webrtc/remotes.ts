/** What the mesh remembers of every peer it has heard of, within bounds. */
import type { PeerId } from '../../core/gossip/event.ts'
import type { Neighbour } from '../messages.ts'
import type { Candidates, PeerDiagnostics, Refusal } from '../port.ts'
import type { Link, Traffic } from './link-contract.ts'

export const MAX_REMOTES = 256
/** Of those, peers that are gone: the latest, for the diagnostics. */
export const MAX_GONE = 32
/** Connection attempts at one time; those of others may be forged, so they are kept apart from ours. */
export const MAX_OWN_ATTEMPTS = 64
export const MAX_FOREIGN_ATTEMPTS = 64
export const MAX_ATTEMPTS_PER_REMOTE = 3
const MAX_REMEMBERED = 8
const MAX_DROP_REASONS = 32
/** Asked in vain: for a peer that was here once, over hours; for one that anybody may have made up, over minutes. */
const MAX_FAILURES = 40
const MAX_FAILURES_UNPROVED = 16
/** Relayed signaling per neighbour: a newcomer that meets fifty peers over one neighbour stays below. */
const RELAY_BURST = 1_500
const RELAYS_PER_SECOND = 50

type Timer = ReturnType<typeof setTimeout>

export interface Attempt {
  readonly id: string
  /** What the other side's signaling says; the link's handshake confirms it. */
  readonly session: string
  readonly initiator: boolean
  readonly startedMs: number
  readonly link: Link
}

export interface Remote {
  readonly peer: PeerId
  /** Last one heard of. */
  session: string | null
  readonly attempts: Map<string, Attempt>
  up: Attempt | null
  upSinceMs: number
  /** The link that broke last: its other end may not know yet. */
  lost: string | null
  failures: number
  retry: Timer | undefined
  notBeforeMs: number
  barredUntilMs: number
  bars: number
  answeredMs: number
  answeredSession: string | null
  readonly traffic: Traffic
  readonly drops: Map<string, number>
  /** See `PeerDiagnostics`. */
  pathless: Candidates | null
  refusal: Refusal | null
  /** Sessions that a newer one has taken over from, and attempts that are over: late signals of theirs mean nothing. */
  readonly superseded: string[]
  readonly ended: string[]
  neighbours: readonly Neighbour[]
  relayBudget: number
  relayRefilledMs: number
}

export const createRemote = (peer: PeerId): Remote => ({
  peer,
  session: null,
  attempts: new Map(),
  up: null,
  upSinceMs: 0,
  lost: null,
  failures: 0,
  retry: undefined,
  notBeforeMs: 0,
  barredUntilMs: 0,
  bars: 0,
  answeredMs: Number.NEGATIVE_INFINITY,
  answeredSession: null,
  traffic: { sent: 0, received: 0 },
  drops: new Map(),
  pathless: null,
  refusal: null,
  superseded: [],
  ended: [],
  neighbours: [],
  relayBudget: RELAY_BURST,
  relayRefilledMs: 0,
})

export const remember = (list: string[], id: string): void => {
  list.push(id)
  if (list.length > MAX_REMEMBERED) list.shift()
}

export const countDrop = (remote: Remote, reason: string): void => {
  if (!remote.drops.has(reason) && remote.drops.size >= MAX_DROP_REASONS) return
  remote.drops.set(reason, (remote.drops.get(reason) ?? 0) + 1)
}

export const takeRelayBudget = (remote: Remote, nowMs: number): boolean => {
  const earned = ((nowMs - remote.relayRefilledMs) * RELAYS_PER_SECOND) / 1_000
  remote.relayBudget = Math.min(RELAY_BURST, remote.relayBudget + earned)
  remote.relayRefilledMs = nowMs
  if (remote.relayBudget < 1) return false
  remote.relayBudget -= 1
  return true
}

export const isGivenUp = (remote: Remote): boolean =>
  remote.failures >= (remote.upSinceMs === 0 ? MAX_FAILURES_UNPROVED : MAX_FAILURES)

/** Everything but the link that is up. */
export const pendingAttempts = (remote: Remote): Attempt[] =>
  [...remote.attempts.values()].filter((attempt) => attempt !== remote.up)

/** To make room: nothing goes on with it, or it is a mere name that never proved anything. */
export const isForgettable = (remote: Remote, nowMs: number): boolean => {
  if (remote.attempts.size > 0) return false
  return remote.upSinceMs === 0 || (remote.retry === undefined && remote.barredUntilMs <= nowMs)
}

/** Nobody waits for it, and it is asked for no more. */
export const isGone = (remote: Remote, nowMs: number): boolean =>
  isForgettable(remote, nowMs) && remoteState(remote, nowMs) === 'gone'

/** `others` are all that the mesh remembers. */
export const diagnosePeer = (remote: Remote, others: Iterable<Remote>, nowMs: number): PeerDiagnostics => ({
  peer: remote.peer,
  state: remoteState(remote, nowMs),
  path: pathTo(remote, others),
  candidatePair: remote.up?.link.candidatePair ?? null,
  rttMs: remote.up?.link.rttMs ?? null,
  bytesSent: remote.traffic.sent,
  bytesReceived: remote.traffic.received,
  bufferedBytes: remote.up?.link.bufferedBytes() ?? 0,
  failures: remote.failures,
  drops: Object.fromEntries(remote.drops),
  clockOffsetMs: remote.up?.link.clockOffsetMs ?? null,
  pathless: remote.pathless,
  refusal: remote.refusal,
})

const pathTo = ({ peer, up }: Remote, others: Iterable<Remote>): PeerDiagnostics['path'] => {
  if (up) return up.link.candidatePair === 'relay' ? 'turn' : 'direct'
  for (const { neighbours } of others) if (neighbours.some((neighbour) => neighbour.peer === peer)) return 'neighbours'
  return 'none'
}

const remoteState = (remote: Remote, nowMs: number): PeerDiagnostics['state'] => {
  if (remote.up) return 'up'
  if (remote.barredUntilMs > nowMs) return 'barred'
  const pending = pendingAttempts(remote)
  if (pending.length === 0) {
    const left = remote.session !== null && remote.superseded.includes(remote.session)
    return left || isGivenUp(remote) ? 'gone' : 'waiting'
  }
  return pending.some((attempt) => attempt.link.phase === 'proving') ? 'proving' : 'connecting'
}
