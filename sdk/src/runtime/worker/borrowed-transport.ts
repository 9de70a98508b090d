/** The page's transport, as the worker sees it: frames go to the page, and what it buffers is known a little later. */
import type { PeerId } from '../../core/gossip/event.ts'
import {
  assertFrameSize,
  DRAINED_BYTES,
  MAX_BUFFERED_BYTES,
  type Transport,
  type TransportDiagnostics,
  type TransportHandlers,
} from '../../transport/port.ts'
import type { NetworkEvent, ToPage } from './protocol.ts'

export interface BorrowedTransport extends Transport {
  onEvent(event: NetworkEvent): void
}

export interface BorrowedTransportOptions {
  readonly handlers: TransportHandlers
  readonly tell: (notice: ToPage, transfer: readonly Transferable[]) => void
  readonly closeTransport: () => Promise<unknown>
}

interface PeerLink {
  readonly link: number
  /** Sent and not taken up by the page yet. */
  postedBytes: number
  /** In the page's own buffer, when it last said so. */
  bufferedBytes: number
  /** Above `DRAINED_BYTES` since it last drained. */
  isFull: boolean
}

// The page adds its own.
const diagnostics: TransportDiagnostics = { peers: [], signaling: [], refusals: {} }

export function createBorrowedTransport({
  handlers,
  tell,
  closeTransport,
}: BorrowedTransportOptions): BorrowedTransport {
  const up = new Map<PeerId, PeerLink>()
  let isClosed = false

  // Never less than what is really buffered: what was posted leaves this sum only when the page's own count holds it.
  const bytesOf = (state: PeerLink | undefined) => (state ? state.postedBytes + state.bufferedBytes : 0)

  function onSent(event: Extract<NetworkEvent, { kind: 'sent' }>): void {
    const state = up.get(event.peer)
    if (state?.link !== event.link) return
    state.postedBytes -= event.bytes
    state.bufferedBytes = event.bufferedBytes
    if (!state.isFull || bytesOf(state) > DRAINED_BYTES) return
    state.isFull = false
    handlers.drained(event.peer)
  }

  return {
    send(peer, frame) {
      assertFrameSize(frame)
      const state = up.get(peer)
      if (!state || isClosed || bytesOf(state) + frame.length > MAX_BUFFERED_BYTES) return false
      state.postedBytes += frame.length
      if (bytesOf(state) > DRAINED_BYTES) state.isFull = true
      // The caller may use its bytes again.
      const copy = frame.slice()
      tell({ kind: 'send', peer, link: state.link, frame: copy }, [copy.buffer])
      return true
    },
    bufferedBytes: (peer) => bytesOf(up.get(peer)),
    disconnect(peer, reason) {
      up.delete(peer)
      tell({ kind: 'disconnect', peer, reason }, [])
    },
    peers: () => [...up.keys()].sort(),
    diagnostics: () => diagnostics,
    async close() {
      isClosed = true
      up.clear()
      await closeTransport()
    },
    onEvent(event) {
      if (isClosed) return
      switch (event.kind) {
        case 'peerUp':
          up.set(event.peer, { link: event.link, postedBytes: 0, bufferedBytes: 0, isFull: false })
          return handlers.peerUp(event.peer)
        case 'peerDown':
          up.delete(event.peer)
          return handlers.peerDown(event.peer, event.reason)
        case 'frame':
          if (up.has(event.peer)) handlers.frame(event.peer, event.bytes)
          return
        case 'sent':
          return onSent(event)
        case 'delay':
          return handlers.delay(event.peer, event.roundTripMs)
        case 'signaling':
          return handlers.signaling(event.state)
        case 'refused':
          return handlers.refused(event.refusal)
      }
    },
  }
}
