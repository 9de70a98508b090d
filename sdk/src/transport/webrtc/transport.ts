/** The transport over WebRTC: a signaling client and a mesh, for as long as the page is there. */
import { cryptoRandom, randomHex } from '../backoff.ts'
import { ID_BYTES } from '../messages.ts'
import {
  assertFrameSize,
  type Refusal,
  type RefusalCode,
  type Transport,
  TransportError,
  type TransportHandlers,
} from '../port.ts'
import type { BroadcastChannelConstructor } from '../signaling/browser-path.ts'
import { parseSignalingMessage } from '../signaling/messages.ts'
import type { WebSocketConstructor } from '../signaling/server-path.ts'
import { createSignalingClient, type SignalingClient } from '../signaling/signaling-client.ts'
import { type Connect, connectSimplePeer, type WebRtcImplementation } from './connection.ts'
import type { IceServers, Identity, Verify } from './context.ts'
import { createMesh, type Mesh } from './mesh.ts'

export interface WebRtcTransportOptions {
  /** The signaling topic; 1 to 512 bytes of UTF-8. */
  readonly room: string
  /** `ws:` or `wss:` addresses; all are used at once. */
  readonly signaling: readonly string[]
  /** Encrypts what is said to meet others, as y-webrtc does. Everybody in the room must have the same. */
  readonly password?: string
  readonly identity: Identity
  /** Whether `signature` is `peer`'s on `message`. A rejection counts as no. */
  readonly verify: Verify
  /** STUN and TURN servers; a function is asked for every connection. Default none: peers meet in one network only. */
  readonly iceServers?: IceServers
  /** The clock that goes into our events, in milliseconds since 1970. Default: the host's. */
  readonly clockMs?: () => number
  /** Default: the host's. */
  readonly WebSocket?: WebSocketConstructor
  /** Lets the tabs of one browser meet without a server. Default: they do not. */
  readonly BroadcastChannel?: BroadcastChannelConstructor
  /** Default: the host's. */
  readonly wrtc?: WebRtcImplementation
  readonly handlers: TransportHandlers
  /** Aborting is closing. */
  readonly signal?: AbortSignal
}

const MAX_ROOM_BYTES = 512

/**
 * Throws `TransportError` `badOptions`, and `unsupported` where the host lacks WebRTC or WebSocket and none was given.
 *
 * On `pagehide` everything is released at once; a page that returns from the back/forward cache connects anew. Who has
 * last words to send listens to `pagehide` from before the transport is made, and so comes first.
 */
export const createWebRtcTransport = (options: WebRtcTransportOptions): Transport => {
  if (options.wrtc === undefined && typeof RTCPeerConnection === 'undefined') {
    throw new TransportError('unsupported', 'this host has no WebRTC: pass wrtc')
  }
  return createMeshTransport(options, connectSimplePeer)
}

interface Life {
  readonly mesh: Mesh
  readonly signaling: SignalingClient
}

/** The same over any other kind of connection. */
export const createMeshTransport = (options: WebRtcTransportOptions, connect: Connect): Transport => {
  const { handlers, signal } = options
  const WebSocket = checkOptions(options)
  const refusals = new Map<RefusalCode, number>()
  const refused = (refusal: Refusal) => {
    refusals.set(refusal.code, (refusals.get(refusal.code) ?? 0) + 1)
    if (!closing) handlers.refused(refusal)
  }
  let closing: Promise<void> | null = null
  let suspended = false
  let life = begin(options, connect, WebSocket, refused)

  const onPageHide = () => {
    if (closing || suspended) return
    suspended = true
    const up = life.mesh.release()
    void life.signaling.close()
    for (const peer of up) if (!closing) handlers.peerDown(peer, 'suspended')
  }
  const onPageShow = (event: { persisted?: boolean }) => {
    if (closing || !suspended || event.persisted !== true) return
    suspended = false
    life = begin(options, connect, WebSocket, refused)
  }
  const onOnline = () => {
    if (!closing && !suspended) life.signaling.dialNow()
  }
  const close = (): Promise<void> => {
    closing ??= (async () => {
      signal?.removeEventListener('abort', close)
      globalThis.removeEventListener?.('pagehide', onPageHide)
      globalThis.removeEventListener?.('pageshow', onPageShow)
      globalThis.removeEventListener?.('online', onOnline)
      await Promise.all([life.mesh.close(), life.signaling.close()])
    })()
    return closing
  }
  // Node has no such functions, and no such events.
  globalThis.addEventListener?.('pagehide', onPageHide)
  globalThis.addEventListener?.('pageshow', onPageShow)
  globalThis.addEventListener?.('online', onOnline)
  signal?.addEventListener('abort', close)
  if (signal?.aborted) void close()

  return {
    send: (peer, frame) => {
      assertFrameSize(frame)
      return life.mesh.send(peer, frame)
    },
    bufferedBytes: (peer) => life.mesh.bufferedBytes(peer),
    disconnect: (peer, reason) => {
      if (!closing) life.mesh.disconnect(peer, reason)
    },
    peers: () => life.mesh.peers(),
    diagnostics: () => ({
      peers: life.mesh.diagnostics(),
      signaling: life.signaling.diagnostics(),
      refusals: Object.fromEntries(refusals),
    }),
    close,
  }
}

const checkOptions = ({ room, signaling, identity, WebSocket }: WebRtcTransportOptions): WebSocketConstructor => {
  const roomBytes = new TextEncoder().encode(room).length
  if (roomBytes < 1 || roomBytes > MAX_ROOM_BYTES) {
    throw new TransportError('badOptions', `a room's name has 1 to ${MAX_ROOM_BYTES} bytes, not ${roomBytes}`)
  }
  for (const url of signaling) {
    if (!/^wss?:\/\//i.test(url)) throw new TransportError('badOptions', `no WebSocket address: ${url}`)
  }
  if (!/^[0-9a-f]{64}$/.test(identity.peer)) {
    throw new TransportError('badOptions', 'identity.peer must be a public key, 64 lower-case hexadecimal digits')
  }
  const implementation = WebSocket ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket
  if (!implementation) throw new TransportError('unsupported', 'this host has no WebSocket: pass one')
  return implementation
}

const begin = (
  options: WebRtcTransportOptions,
  connect: Connect,
  WebSocket: WebSocketConstructor,
  refused: (refusal: Refusal) => void,
): Life => {
  const { room, password, BroadcastChannel, identity, verify, iceServers = [], wrtc, handlers } = options
  const { clockMs = () => performance.timeOrigin + performance.now() } = options
  const session = randomHex(ID_BYTES)
  const signaling: SignalingClient = createSignalingClient({
    urls: options.signaling,
    room,
    ...(password === undefined ? {} : { password }),
    WebSocket,
    ...(BroadcastChannel === undefined ? {} : { BroadcastChannel }),
    random: cryptoRandom,
    message: (value) => {
      const message = parseSignalingMessage(value)
      if (message) mesh.receive(message)
      else signaling.junk()
    },
    state: handlers.signaling,
    subscribed: () => mesh.announce(),
  })
  const mesh = createMesh({
    context: { connect, iceServers, ...(wrtc === undefined ? {} : { wrtc }), identity, verify, room, session, clockMs },
    random: cryptoRandom,
    publish: signaling.publish,
    refused,
    handlers,
  })
  return { mesh, signaling }
}
