/// <reference path="./simple-peer.d.ts" />
/**
 * One data channel to one peer. `Connect` is all that the mesh knows of WebRTC; this file, its only implementation
 * here, is all that knows simple-peer.
 */
import SimplePeer from 'simple-peer/simplepeer.min.js'
import type { PeerId } from '../../core/gossip/event.ts'
import { type CandidatePairType, DRAINED_BYTES } from '../port.ts'
import { parseSignal, type Signal } from '../signaling/messages.ts'
import { candidatePairType } from './candidate-pair.ts'
import { fingerprintsOf } from './fingerprint.ts'

/** The WebRTC classes of a host without them, Node for one. */
export interface WebRtcImplementation {
  readonly RTCPeerConnection: unknown
  readonly RTCSessionDescription: unknown
  readonly RTCIceCandidate: unknown
}

export interface ConnectOptions {
  /** Whom signaling says this leads to; nothing is proved yet. */
  readonly peer: PeerId
  readonly initiator: boolean
  readonly iceServers: readonly RTCIceServer[]
  readonly wrtc?: WebRtcImplementation
}

/** None is called during a call of one of the connection's methods, nor after `close`. */
export interface ConnectionHandlers {
  /** To be carried to the other side, in order. */
  signal(signal: Signal): void
  open(): void
  /** The bytes are the receiver's to keep. */
  message(bytes: Uint8Array): void
  drained(): void
  /** The path broke and may come back; a new path may be tried by `restartIce`. */
  interrupted(): void
  /** It is over, without `close` having been called. */
  closed(error: string | null): void
}

export interface Connection {
  /** What the other side sent; what it cannot use ends the connection. */
  signal(signal: Signal): void
  /** False when the channel is not open. */
  send(bytes: Uint8Array<ArrayBuffer>): boolean
  bufferedBytes(): number
  /** Canonical DTLS fingerprints of both descriptions; null until both are set. */
  fingerprints(): { readonly local: string; readonly remote: string } | null
  candidatePair(): Promise<CandidatePairType | null>
  /** Looks for a new path, with what relays are configured today. */
  restartIce(iceServers: readonly RTCIceServer[]): void
  /** Releases everything at once. What was sent but not flushed may be lost. */
  close(): void
}

/** Throws when the host has no WebRTC. */
export type Connect = (options: ConnectOptions, handlers: ConnectionHandlers) => Connection

/** Where `bufferedamountlow` does not fire (Node's WebRTC), this notices. Runs only while much is buffered. */
const DRAIN_POLL_MS = 50

export const connectSimplePeer: Connect = (options, handlers) => {
  const peer = new SimplePeer({
    initiator: options.initiator,
    trickle: true,
    objectMode: true,
    config: { iceServers: [...options.iceServers] },
    ...(options.wrtc === undefined ? {} : { wrtc: options.wrtc }),
  })
  const drain = watchDrain(() => peer._channel?.bufferedAmount ?? 0, handlers.drained)
  const connection = peer._pc
  const release = () => {
    drain.release()
    // simple-peer leaves these behind after `destroy`, and `onbufferedamountlow` of the channel.
    if (peer._iceCompleteTimer !== null) clearTimeout(peer._iceCompleteTimer)
    if (connection) connection.onconnectionstatechange = null
    peer.removeAllListeners()
    peer.on('error', () => {})
  }
  let failure: string | null = null
  peer.on('signal', (data) => {
    const signal = parseSignal(data)
    if (signal) handlers.signal(signal)
  })
  peer.on('connect', () => {
    if (peer._channel) drain.listen(peer._channel)
    handlers.open()
  })
  peer.on('data', (data) => handlers.message(toBytes(data)))
  peer.on('iceStateChange', (state) => {
    if (state === 'disconnected') handlers.interrupted()
  })
  peer.on('error', (error) => {
    failure ??= error.message
  })
  peer.on('close', () => {
    release()
    handlers.closed(failure)
  })
  return {
    signal: (signal) => {
      try {
        peer.signal(signal)
      } catch (error) {
        // The browser's constructors throw on candidates that are none.
        failure ??= error instanceof Error ? error.message : String(error)
        peer.destroy()
      }
    },
    send: (bytes) => {
      if (!peer.connected) return false
      try {
        peer.send(bytes)
      } catch {
        return false
      }
      drain.sent()
      return true
    },
    bufferedBytes: () => peer._channel?.bufferedAmount ?? 0,
    fingerprints: () => fingerprintsOf(peer._pc?.localDescription?.sdp, peer._pc?.remoteDescription?.sdp),
    candidatePair: async () => (peer._pc ? candidatePairType(await peer._pc.getStats()) : null),
    restartIce: (iceServers) => {
      try {
        connection?.setConfiguration({ ...connection.getConfiguration(), iceServers: [...iceServers] })
      } catch {
        // With what it has, then: some hosts cannot change it.
      }
      peer.offerOptions = { iceRestart: true }
      if (!peer.destroyed) peer.negotiate()
    },
    close: () => {
      release()
      peer.destroy()
    },
  }
}

const watchDrain = (bufferedBytes: () => number, drained: () => void) => {
  let full = false
  let poll: ReturnType<typeof setInterval> | undefined
  let watched: RTCDataChannel | null = null
  const check = () => {
    if (!full || bufferedBytes() > DRAINED_BYTES) return
    full = false
    clearInterval(poll)
    drained()
  }
  return {
    sent: () => {
      if (full || bufferedBytes() <= DRAINED_BYTES) return
      full = true
      poll = setInterval(check, DRAIN_POLL_MS)
    },
    listen: (channel: RTCDataChannel) => {
      watched = channel
      channel.bufferedAmountLowThreshold = DRAINED_BYTES
      channel.addEventListener('bufferedamountlow', check)
    },
    release: () => {
      clearInterval(poll)
      watched?.removeEventListener('bufferedamountlow', check)
      if (watched) watched.onbufferedamountlow = null
      watched = null
    },
  }
}

/** Text is no part of the protocol: as bytes it is refused like any other nonsense. */
const toBytes = (data: unknown): Uint8Array => {
  if (data instanceof Uint8Array) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return typeof data === 'string' ? new TextEncoder().encode(data) : new Uint8Array(data as ArrayBuffer)
}
