/**
 * Moves frames between peers that have proved their keys to each other, and knows nothing of what is in them.
 * The folder imports itself, libraries, and of ours only core *types*; keys and signatures are lent to it.
 */
import type { PeerId } from '../core/gossip/event.ts'

/** Longest frame, in bytes. Longer messages are cut and joined above the transport. */
export const MAX_FRAME_BYTES = 16_384
/** `drained` is reported when the bytes buffered for a peer fall to this, after having been above it. */
export const DRAINED_BYTES = 65_536
/** `send` refuses what would take the bytes buffered for a peer above this. Below what browsers bear (16 MiB). */
export const MAX_BUFFERED_BYTES = 6 * 1_048_576

/**
 * Contract, kept by every implementation:
 * - frames from one peer arrive whole, once and in the order they were sent, between one `peerUp` and its `peerDown`;
 * - `peerUp` and `peerDown` of a peer alternate, starting with `peerUp`; frames come only in between;
 * - no handler is called while one of these methods runs, and none after `close` was called.
 */
export interface Transport {
  /**
   * Hands over a frame of at most `MAX_FRAME_BYTES`; the bytes may be reused afterwards. False, and nothing is sent,
   * when the peer is not up, its connection is about to end, or its buffer is full. Throws `TransportError` `frameTooLarge`.
   */
  send(peer: PeerId, frame: Uint8Array): boolean
  /** Bytes accepted by `send` that have not left this host yet; 0 for a peer that is not up. */
  bufferedBytes(peer: PeerId): number
  /**
   * Drops a peer and stays away from it for a while, longer every time. `reason` is the caller's own code; it is
   * counted in the diagnostics.
   */
  disconnect(peer: PeerId, reason: string): void
  /** Peers that are up, in ascending order. */
  peers(): readonly PeerId[]
  diagnostics(): TransportDiagnostics
  /** Says goodbye, releases everything and resolves when nothing is left. Frames sent before it still go out. */
  close(): Promise<void>
}

export interface TransportHandlers {
  /** The peer has proved that it holds the key, and has accepted our proof. */
  peerUp(peer: PeerId): void
  peerDown(peer: PeerId, reason: PeerDownReason): void
  /** The bytes are the receiver's to keep. */
  frame(peer: PeerId, bytes: Uint8Array): void
  /** Room to send again: see `DRAINED_BYTES`. */
  drained(peer: PeerId): void
  /** Smoothed round-trip time of a link in milliseconds (RFC 6298), after every measurement. */
  delay(peer: PeerId, roundTripMs: number): void
  /** A path became connected or was lost, or reported a new number of clients. */
  signaling(state: SignalingState): void
  /** What was turned away and why. Counted in the diagnostics as well. */
  refused(refusal: Refusal): void
}

export type PeerDownReason =
  /** It said goodbye. */
  | 'left'
  /** Nothing was heard from it for too long. */
  | 'silent'
  /** The connection broke. */
  | 'failed'
  /** It came back over a new connection, or from a reloaded tab: `peerUp` follows at once. */
  | 'replaced'
  /** We dropped it, by `disconnect`. */
  | 'disconnected'
  /** It dropped us. */
  | 'dropped'
  /** It broke the transport's own protocol. */
  | 'malformed'
  /** Our own page went away, perhaps to come back from the back/forward cache. */
  | 'suspended'

/** One way to meet others in the room: a signaling server, or this browser between its tabs. */
export interface SignalingState {
  readonly kind: 'server' | 'browser'
  /** Of the server; `browser:` for the tabs of this browser that show pages of one origin. */
  readonly url: string
  readonly connected: boolean
  /**
   * Clients of that server in the room, ourselves included; absent while it has not said. Of a browser it is known only
   * that there is nobody else: 1, or absent.
   */
  readonly clients?: number
  /** Somebody in the room publishes what our password does not open, or what needs one. */
  readonly unreadable?: true
}

export type RefusalCode =
  | 'wrongVersion'
  | 'wrongRoom'
  | 'badProof'
  | 'malformed'
  | 'timeout'
  | 'duplicateIdentity'
  | 'overload'

/** `peer` is whom the other side claims to be, which a refused one has not proved; null when it claimed nothing. */
export type Refusal = {
  readonly peer: PeerId | null
  /** `them`: the other side refused us, and said so. */
  readonly by: 'us' | 'them'
} & (
  | { readonly code: 'wrongVersion'; readonly ours: number; readonly theirs: number | null }
  | { readonly code: 'malformed'; readonly detail: string }
  /**
   * Two running sessions use one key: `peer` is another's, or our own, which somebody else is using as well.
   * A peer that reaches itself is refused with this code too.
   */
  | { readonly code: 'duplicateIdentity' }
  | { readonly code: 'overload'; readonly limit: 'peers' | 'attempts' | 'signals' | 'relays' }
  | { readonly code: 'wrongRoom' | 'badProof' | 'timeout' }
)

export type CandidatePairType = 'host' | 'srflx' | 'prflx' | 'relay'

export interface PeerDiagnostics {
  readonly peer: PeerId
  /**
   * `waiting`: known, not connected, to be tried again; `connecting`: no channel yet; `proving`: in the handshake;
   * `barred`: kept away for a while after a refusal or `disconnect`, or because another session of ours has taken over;
   * `gone`: said goodbye, or gave no sign of life for long.
   */
  readonly state: 'waiting' | 'connecting' | 'proving' | 'up' | 'barred' | 'gone'
  /**
   * How what we say reaches it: over a connection between the two of us, over one that a TURN server relays, only over
   * other peers, or not at all as far as we know.
   */
  readonly path: 'direct' | 'turn' | 'neighbours' | 'none'
  /** The less direct of the two ends of the pair in use (RFC 8445, section 5.1.1); null while not known. */
  readonly candidatePair: CandidatePairType | null
  readonly rttMs: number | null
  /** Over all connections to this peer, framing included. */
  readonly bytesSent: number
  readonly bytesReceived: number
  readonly bufferedBytes: number
  /** Connections tried in a row without one that lasted. */
  readonly failures: number
  /** How often this peer was lost or refused, by reason. */
  readonly drops: Readonly<Record<string, number>>
  /** Its clock less ours, by the latest round trip; off by half of that at most, if it tells the truth. Null: not measured. */
  readonly clockOffsetMs: number | null
  /** What the last attempt had to go on that found no path at all; null when the last one did. */
  readonly pathless: Candidates | null
  /** Why the last connection was refused, by us or by them; null when the last one was not. */
  readonly refusal: Refusal | null
}

/** Kinds of addresses that two peers told each other (RFC 8445, section 4). */
export interface Candidates {
  readonly local: readonly CandidatePairType[]
  readonly remote: readonly CandidatePairType[]
  /** A TURN server was configured on our side. */
  readonly turn: boolean
}

export interface SignalingDiagnostics extends SignalingState {
  /** Why it could not be reached last; null while it can. */
  readonly lastError: string | null
  /** Frames that were not understood; harmless. */
  readonly junk: number
  /** Of these, the ones that our room password does not open, or that need one. */
  readonly undecipherable: number
  /** Milliseconds since the last of those; null when there was none. */
  readonly undecipherableAgoMs: number | null
}

export interface TransportDiagnostics {
  readonly peers: readonly PeerDiagnostics[]
  readonly signaling: readonly SignalingDiagnostics[]
  readonly refusals: Readonly<Partial<Record<RefusalCode, number>>>
}

export class TransportError extends Error {
  readonly code: 'frameTooLarge' | 'badOptions' | 'unsupported'
  constructor(code: TransportError['code'], message: string) {
    super(message)
    this.name = 'TransportError'
    this.code = code
  }
}

/** Throws what every implementation's `send` throws. */
export const assertFrameSize = (frame: Uint8Array): void => {
  if (frame.length > MAX_FRAME_BYTES) {
    throw new TransportError('frameTooLarge', `a frame has at most ${MAX_FRAME_BYTES} bytes, not ${frame.length}`)
  }
}
