/**
 * What peers tell each other before they have a channel: messages like y-webrtc's, which its clients leave alone.
 * They come from anybody, so every field is checked and bounded here, once.
 */
import type { PeerId } from '../../core/gossip/event.ts'

export interface SessionDescription {
  readonly type: 'offer' | 'answer'
  readonly sdp: string
}

export interface IceCandidate {
  readonly candidate: string
  readonly sdpMid: string | null
  readonly sdpMLineIndex: number | null
}

/** As simple-peer emits and takes it. */
export type Signal = SessionDescription | { readonly type: 'candidate'; readonly candidate: IceCandidate }

export type SignalingMessage =
  | {
      /** Not y-webrtc's `announce`: its clients in this room would keep a connection for each of us that never opens. */
      readonly type: 'parsec-announce'
      /** Public key: one peer id for all of a peer's sessions. */
      readonly from: PeerId
      /** Random per page load. */
      readonly session: string
      /** Absent: to everybody in the room. */
      readonly to?: PeerId
      /** The link between the two that the sender has lost and the receiver may still believe in. */
      readonly lost?: string
    }
  | {
      readonly type: 'signal'
      readonly from: PeerId
      readonly session: string
      readonly to: PeerId
      readonly toSession: string
      /** Names the connection attempt; drawn by its initiator. */
      readonly link: string
      /** 0, 1, 2, … per sender and link: what comes twice, over two servers, is taken once. */
      readonly n: number
      readonly signal: Signal
      /** The author's signature on all of this, 64 bytes in hexadecimal. */
      readonly proof: string
    }

/** Signals that one side of one link may send. */
export const MAX_SIGNALS_PER_LINK = 512
const MAX_SDP_CHARACTERS = 10_000
const MAX_CANDIDATE_CHARACTERS = 1_024

const isHex = (value: unknown, bytes: number): value is string =>
  typeof value === 'string' && value.length === 2 * bytes && /^[0-9a-f]+$/.test(value)
const isPeer = (value: unknown): value is PeerId => isHex(value, 32)
const isId = (value: unknown): value is string => isHex(value, 16)
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Null for everything that is not exactly one of ours, a y-webrtc client's own messages included. */
export const parseSignalingMessage = (value: unknown): SignalingMessage | null => {
  if (!isRecord(value)) return null
  const { type, from, session, to, toSession, link, n, lost, proof } = value
  if (!isPeer(from) || !isId(session)) return null
  if (type === 'parsec-announce') {
    if ((to !== undefined && !isPeer(to)) || (lost !== undefined && !isId(lost))) return null
    return { type, from, session, ...(to === undefined ? {} : { to }), ...(lost === undefined ? {} : { lost }) }
  }
  if (type !== 'signal' || !isPeer(to) || !isId(toSession) || !isId(link)) return null
  if (typeof n !== 'number' || !Number.isInteger(n) || n < 0 || n >= MAX_SIGNALS_PER_LINK) return null
  const signal = parseSignal(value['signal'])
  if (!signal || !isHex(proof, 64)) return null
  return { type, from, session, to, toSession, link, n, signal, proof }
}

/** Also used on what comes from the own browser, which may add fields. Null: nothing that the other side needs. */
export const parseSignal = (value: unknown): Signal | null => {
  if (!isRecord(value)) return null
  const { type, sdp, candidate } = value
  if (type === 'offer' || type === 'answer') {
    return typeof sdp === 'string' && sdp.length <= MAX_SDP_CHARACTERS ? { type, sdp } : null
  }
  if (type !== 'candidate' || !isRecord(candidate)) return null
  const { candidate: line, sdpMid = null, sdpMLineIndex = null } = candidate
  if (typeof line !== 'string' || line.length > MAX_CANDIDATE_CHARACTERS) return null
  // RTCIceCandidate's constructor throws without either.
  if (sdpMid === null && sdpMLineIndex === null) return null
  if (sdpMid !== null && (typeof sdpMid !== 'string' || sdpMid.length > 64)) return null
  if (sdpMLineIndex !== null && (typeof sdpMLineIndex !== 'number' || sdpMLineIndex < 0 || sdpMLineIndex > 65_535))
    return null
  return { type, candidate: { candidate: line, sdpMid, sdpMLineIndex } }
}
