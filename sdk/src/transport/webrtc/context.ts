/** What all links of a mesh share, as the transport's user gave it. */
import type { PeerId } from '../../core/gossip/event.ts'
import type { Connect, WebRtcImplementation } from './connection.ts'

export interface Identity {
  readonly peer: PeerId
  sign(message: Uint8Array<ArrayBuffer>): Promise<Uint8Array>
}
export type Verify = (peer: PeerId, signature: Uint8Array, message: Uint8Array<ArrayBuffer>) => Promise<boolean>
/** A function is asked anew for every connection: TURN credentials expire. */
export type IceServers = readonly RTCIceServer[] | (() => readonly RTCIceServer[] | Promise<readonly RTCIceServer[]>)

/** What all links of a mesh share. */
export interface LinkContext {
  readonly connect: Connect
  readonly iceServers: IceServers
  readonly wrtc?: WebRtcImplementation
  readonly identity: Identity
  readonly verify: Verify
  readonly room: string
  readonly session: string
  /** The host's clock, in milliseconds since 1970. */
  clockMs(): number
}
