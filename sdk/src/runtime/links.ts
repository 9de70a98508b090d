/**
 * Messages over a transport's frames: cuts and joins them, checks signatures, counts faults, and never queues for a
 * slow peer. What a peer breaks costs that peer its connection and nothing else.
 */
import { hexToBytes } from '@noble/hashes/utils.js'
import type { GossipEvent, PeerId } from '../core/gossip/event.ts'
import type { Verifier } from '../crypto/index.ts'
import type { Transport } from '../transport/port.ts'
import {
  createReassembler,
  decodeMessageLater,
  encodeMessage,
  type FrameRefusal,
  frameMessage,
  linksDigest,
  type PeerMessage,
  type Reassembler,
  type SealedEvent,
  splitEvents,
  type WireError,
} from '../wire/index.ts'

/**
 * Above this nothing more is sent to a peer until its buffer has drained; then it is told the heads of our graph. On
 * top of it the transport has room for the largest message, so none is ever cut off in the middle.
 */
export const BACKPRESSURE_BYTES = 1 << 20
/** Bytes of messages of one peer that may wait for their signatures to be checked. */
const MAX_UNCHECKED_BYTES = 16 << 20

export type PeerFault = FrameRefusal | WireError['code'] | 'badSignature' | 'overload'

export interface LinksOptions {
  readonly transport: () => Transport
  readonly verifier: Verifier
  readonly isKnown: (event: SealedEvent) => boolean
  /** What else is to be done with an event, off this thread, while its signature is checked. Never rejects. */
  readonly prepare: (event: GossipEvent) => Promise<void>
  /**
   * In the order in which the peer sent them; events and statements of links only with valid signatures. `isOver`: the peer is down by now, and
   * said this before.
   */
  readonly message: (from: PeerId, message: PeerMessage, isOver: boolean) => void
  /** The peer can take messages again after some were dropped. */
  readonly caughtUp: (peer: PeerId) => void
}

export interface Links {
  peerUp(peer: PeerId): void
  peerDown(peer: PeerId): void
  frame(peer: PeerId, bytes: Uint8Array): void
  drained(peer: PeerId): void
  /** Whole or not at all: what a lagging peer misses it fetches later. */
  send(to: PeerId, message: PeerMessage): void
  /** How often peers broke which rule. */
  readonly faults: Readonly<Partial<Record<PeerFault, number>>>
}

interface LinkState {
  readonly reassembler: Reassembler
  /** Messages are handed on in order although signatures are checked asynchronously. */
  turn: Promise<void>
  uncheckedBytes: number
  isLagging: boolean
  /** The peer broke a rule: nothing more of it is taken. */
  isBlamed: boolean
}

export function createLinks({ transport, verifier, isKnown, prepare, message, caughtUp }: LinksOptions): Links {
  const links = new Map<PeerId, LinkState>()
  const faults: Partial<Record<PeerFault, number>> = {}
  let last: { readonly message: PeerMessage; readonly frames: readonly Uint8Array[] } | null = null

  function blame(peer: PeerId, state: LinkState, fault: PeerFault): void {
    faults[fault] = (faults[fault] ?? 0) + 1
    state.isBlamed = true
    if (links.get(peer) !== state) return
    links.delete(peer)
    transport().disconnect(peer, fault)
  }

  async function check(peer: PeerId, state: LinkState, bytes: Uint8Array): Promise<void> {
    if (state.isBlamed) return
    const decoded = await decodeMessageLater(bytes)
    if (state.isBlamed) return
    if ('error' in decoded) return blame(peer, state, decoded.error.code)
    if (decoded.ok.kind === 'events') {
      const verdicts = await Promise.all(decoded.ok.events.map(isAuthentic))
      if (state.isBlamed) return
      if (verdicts.includes(false)) return blame(peer, state, 'badSignature')
    }
    if (decoded.ok.kind === 'links') {
      const { statement } = decoded.ok
      const isValid = await verifier.verify(statement.of, statement.signature, linksDigest(statement))
      if (state.isBlamed) return
      if (!isValid) return blame(peer, state, 'badSignature')
    }
    message(peer, decoded.ok, links.get(peer) !== state)
  }

  async function isAuthentic(sealed: SealedEvent): Promise<boolean> {
    if (isKnown(sealed)) return true
    const { creator, id } = sealed.event
    const [isValid] = await Promise.all([
      verifier.verify(creator, sealed.signature, hexToBytes(id)),
      prepare(sealed.event),
    ])
    return isValid
  }

  /** What is said to one peer is mostly said to the others next, as the same message. */
  function framesOf(message: PeerMessage): readonly Uint8Array[] {
    if (last?.message !== message) last = { message, frames: frameMessage(encodeMessage(message)) }
    return last.frames
  }

  function transmit(to: PeerId, state: LinkState, whole: PeerMessage): void {
    if (state.isLagging || transport().bufferedBytes(to) > BACKPRESSURE_BYTES) {
      state.isLagging = true
      return
    }
    for (const frame of framesOf(whole)) {
      // Only a connection that is about to end refuses. Its end is no fault of the peer's, and a new one starts afresh.
      if (!transport().send(to, frame)) return
    }
  }

  return {
    peerUp: (peer) =>
      void links.set(peer, {
        reassembler: createReassembler(),
        turn: Promise.resolve(),
        uncheckedBytes: 0,
        isLagging: false,
        isBlamed: false,
      }),
    peerDown: (peer) => void links.delete(peer),
    frame(peer, bytes) {
      const state = links.get(peer)
      if (!state) return
      const result = state.reassembler.accept(bytes)
      if ('refused' in result) return blame(peer, state, result.refused)
      const whole = result.message
      if (whole === null) return
      state.uncheckedBytes += whole.length
      if (state.uncheckedBytes > MAX_UNCHECKED_BYTES) return blame(peer, state, 'overload')
      state.turn = state.turn
        .then(() => check(peer, state, whole))
        .finally(() => {
          state.uncheckedBytes -= whole.length
        })
    },
    drained(peer) {
      const state = links.get(peer)
      if (!state?.isLagging) return
      state.isLagging = false
      caughtUp(peer)
    },
    send(to, whole) {
      const state = links.get(to)
      if (!state) return
      if (whole.kind !== 'events') return transmit(to, state, whole)
      const parts = splitEvents(whole.events)
      if (parts.length === 1) return transmit(to, state, whole)
      parts.forEach((events, i) => {
        transmit(to, state, { ...whole, events, more: whole.more && i === parts.length - 1 })
      })
    },
    faults,
  }
}
