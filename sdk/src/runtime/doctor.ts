/**
 * The connectivity doctor: reads off the counters what is wrong with the network or a peer, and says it in words that a
 * user can act on. Pure. What a finding rests on is a peer's or a server's word at most, so it accuses nobody: proofs are
 * the business of `malice`.
 */
import type { PeerId } from '../core/gossip/event.ts'
import type { PeerDiagnostics, SignalingDiagnostics, TransportDiagnostics } from '../transport/port.ts'
import type { Finding } from './types.ts'

export interface Observed {
  readonly transport: TransportDiagnostics
  /** How often what a peer sent was refused, by reason. */
  readonly rejections: ReadonlyMap<PeerId, ReadonlyMap<string, number>>
}

/** More than this no round trip and no drift of a clock that is looked after explains. */
const CLOCK_TOLERANCE_MS = 30_000
/** What was heard longer ago says nothing about who is in the room today. */
const RECENT_MS = 300_000

/** Of what a peer sent or was dropped for: what no correct peer of our version does. */
const brokenRules = new Set([
  'wrongSelfParent',
  'wrongSequence',
  'tooManyOtherParents',
  'refusedParent',
  'badSignature',
  'malformed',
  'tooLarge',
  'bodyMismatch',
  'emptyFrame',
  'frameTooLarge',
  'unknownLane',
  'emptyMessage',
  'messageTooLarge',
  'unexpectedFirst',
  'unexpectedContinuation',
  'wrongLength',
])

/** Most general first. */
export function findingsOf({ transport, rejections }: Observed): readonly Finding[] {
  const { signaling, peers } = transport
  return [
    ...signalingUnreachable(signaling),
    ...wrongPassword(signaling, peers),
    ...clocks(peers),
    ...peers.flatMap((peer) => [...versionMismatch(peer), ...noPath(peer), ...eventsOff(peer, rejections)]),
  ]
}

function signalingUnreachable(paths: readonly SignalingDiagnostics[]): Finding[] {
  const servers = paths.filter(({ kind }) => kind === 'server')
  const inBrowser = paths.some(({ kind, connected }) => kind === 'browser' && connected) ? ' and in this browser' : ''
  const lost = servers.filter(({ connected, lastError }) => !connected && lastError !== null)
  if (lost.length === 0) return []
  const urls = lost.map(({ url }) => url)
  const all = lost.length === servers.length
  const who = `${urls.join(', ')} cannot be reached (${lost[0]?.lastError})`
  const meaning = all
    ? `peers that are connected go on, but nobody new can be met except through them${inBrowser}`
    : 'the other signaling servers serve as well'
  return [{ code: 'signalingUnreachable', urls, all, text: `${who}: ${meaning}.` }]
}

function wrongPassword(servers: readonly SignalingDiagnostics[], peers: readonly PeerDiagnostics[]): Finding[] {
  const urls = servers.flatMap(({ url, undecipherableAgoMs }) =>
    undecipherableAgoMs !== null && undecipherableAgoMs < RECENT_MS ? [url] : [],
  )
  if (urls.length === 0) return []
  const isOurs = !peers.some(({ state }) => state === 'up')
  const text = isOurs
    ? 'What others write in this room cannot be read with our room password: it is probably not theirs.'
    : 'Somebody in this room uses another room password, or none, and cannot be met.'
  return [{ code: 'wrongPassword', urls, ours: isOurs, text }]
}

/** Among the clocks known, our own included, whichever is far from the middle. Of two, the other one. */
function clocks(peers: readonly PeerDiagnostics[]): Finding[] {
  const known = peers.flatMap(({ peer, clockOffsetMs }) => (clockOffsetMs === null ? [] : [{ peer, clockOffsetMs }]))
  const ordered = [0, ...known.map(({ clockOffsetMs }) => clockOffsetMs)].sort((a, b) => a - b)
  const middleMs = known.length === 1 ? 0 : (ordered[(ordered.length - 1) >> 1] ?? 0)
  const own: Finding[] = isFar(middleMs)
    ? [
        {
          code: 'ownClockOff',
          offsetMs: -middleMs,
          text: `Our clock is ${howFar(-middleMs)} the others: set it right, and reload the page after the computer slept.`,
        },
      ]
    : []
  const others = known
    .filter(({ clockOffsetMs }) => isFar(clockOffsetMs - middleMs))
    .map(({ peer, clockOffsetMs }): Finding => {
      const offsetMs = clockOffsetMs - middleMs
      const reference = known.length === 1 ? 'ours, unless ours is the wrong one' : 'the others'
      return {
        code: 'clockOff',
        peer,
        offsetMs,
        text: `The clock of ${short(peer)} is ${howFar(offsetMs)} ${reference}.`,
      }
    })
  return [...own, ...others]
}

const isFar = (offsetMs: number): boolean => Math.abs(offsetMs) > CLOCK_TOLERANCE_MS

function howFar(offsetMs: number): string {
  const seconds = Math.round(Math.abs(offsetMs) / 1000)
  const amount = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
  return `${amount} ${offsetMs > 0 ? 'ahead of' : 'behind'}`
}

function versionMismatch({ peer, refusal, drops }: PeerDiagnostics): Finding[] {
  if (refusal?.code === 'wrongVersion') {
    const { ours, theirs } = refusal
    const speaks = theirs === null ? 'another version' : `version ${theirs}`
    const text = `${short(peer)} speaks ${speaks} of the protocol, we speak ${ours}: update the older application.`
    return [{ code: 'versionMismatch', peer, ours, theirs, text }]
  }
  if (drops['unsupportedVersion'] === undefined) return []
  const text = `${short(peer)} sends events of a version that we do not know: update the older application.`
  return [{ code: 'versionMismatch', peer, ours: null, theirs: null, text }]
}

/** An attempt counts once the other side has taken part: whoever does not answer may be gone. */
function noPath({ peer, state, path, pathless }: PeerDiagnostics): Finding[] {
  if (state === 'up' || state === 'gone' || !pathless || pathless.remote.length === 0) return []
  const { local, remote, turn } = pathless
  const meanwhile = path === 'neighbours' ? ' Until then other members pass everything on between us.' : ''
  const why = `No path to ${short(peer)} was found`
  const isRelayed = local.includes('relay') || remote.includes('relay')
  if (!turn && !isRelayed) {
    const text = `${why}, and no TURN server is configured: where a firewall or NAT is in between, one is needed.${meanwhile}`
    return [{ code: 'turnNeeded', peer, local, remote, text }]
  }
  if (turn && !local.includes('relay')) {
    const text = `${why}, and our TURN server gave no relay address: is it reachable, are its credentials good?${meanwhile}`
    return [{ code: 'turnFailing', peer, local, remote, text }]
  }
  const text = `${why}, although a TURN server relays: may the TURN server reach the other side's addresses?${meanwhile}`
  return [{ code: 'turnFailing', peer, local, remote, text }]
}

function eventsOff({ peer, drops }: PeerDiagnostics, rejections: Observed['rejections']): Finding[] {
  const counts = new Map(rejections.get(peer))
  for (const [reason, count] of Object.entries(drops)) counts.set(reason, Math.max(count, counts.get(reason) ?? 0))
  const reasons = Object.fromEntries([...counts].filter(([reason]) => brokenRules.has(reason)))
  if (Object.keys(reasons).length === 0) return []
  const list = Object.entries(reasons).map(([reason, count]) => `${reason} ${count}×`)
  const text = `${short(peer)} sent what no correct peer sends (${list.join(', ')}): a defect, another program, or an attack.`
  return [{ code: 'eventsOff', peer, reasons, text }]
}

const short = (peer: PeerId): string => peer.slice(0, 8)

/** Peers that are remembered, and reasons for each: both come from outside. */
const MAX_PEERS = 256
const MAX_REASONS = 32

/** Counts what was refused, per peer. */
export function createRejectionLog() {
  const byPeer = new Map<PeerId, Map<string, number>>()
  return {
    byPeer,
    note(reason: string, peer: PeerId | null): void {
      if (peer === null || (!byPeer.has(peer) && byPeer.size >= MAX_PEERS)) return
      const counts = byPeer.get(peer) ?? new Map<string, number>()
      byPeer.set(peer, counts)
      if (counts.has(reason) || counts.size < MAX_REASONS) counts.set(reason, (counts.get(reason) ?? 0) + 1)
    },
  }
}
