/** The page's transport, lent to the worker: does what it says and tells it what happens. */
import type { PeerId } from '../../core/gossip/event.ts'
import {
  DRAINED_BYTES,
  type Transport,
  type TransportDiagnostics,
  type TransportHandlers,
} from '../../transport/port.ts'
import { ownBuffer } from './channel.ts'
import type { NetworkEvent, ToPage } from './protocol.ts'

export type TransportNotice = Extract<ToPage, { kind: 'connect' | 'send' | 'disconnect' }>

export interface LentTransport {
  /** Rejected by throwing where the host has no WebRTC: `TransportError`. */
  onNotice(notice: TransportNotice): void
  diagnostics(): TransportDiagnostics
  /** While it is mute nothing of the worker's is sent: what it says is taken up and dropped, message by message. */
  setMute(isMute: boolean): void
  /** For what the page says itself. */
  peers(): readonly PeerId[]
  send(peer: PeerId, frame: Uint8Array): boolean
  close(): Promise<void>
}

export interface LentTransportOptions {
  readonly connect: (handlers: TransportHandlers) => Transport
  readonly tell: (event: NetworkEvent, transfer: readonly Transferable[]) => void
}

/**
 * What was taken up and what was buffered then, of one peer, is told once it is more than this: the worker counts all of
 * it as buffered until it is told, and with less its buffer is neither full nor about to be.
 */
const UNTOLD_BYTES_MAX = DRAINED_BYTES / 4

export function lendTransport({ connect, tell }: LentTransportOptions): LentTransport {
  // How often each peer has come up: what was meant for an earlier link would be half a message on a later one.
  const links = new Map<PeerId, number>()
  const taken = new Map<PeerId, number>()
  // As they were told last.
  const toldBuffered = new Map<PeerId, number>()
  let isTelling = false
  let transport: Transport | null = null
  let isMute = false

  const handlers: TransportHandlers = {
    peerUp(peer) {
      const link = (links.get(peer) ?? 0) + 1
      links.set(peer, link)
      taken.delete(peer)
      toldBuffered.delete(peer)
      tell({ kind: 'peerUp', peer, link }, [])
    },
    peerDown: (peer, reason) => tell({ kind: 'peerDown', peer, reason }, []),
    frame(peer, frame) {
      const bytes = ownBuffer(frame)
      tell({ kind: 'frame', peer, bytes }, [bytes.buffer])
    },
    drained: report,
    delay: (peer, roundTripMs) => tell({ kind: 'delay', peer, roundTripMs }, []),
    signaling: (state) => tell({ kind: 'signaling', state }, []),
    refused: (refusal) => tell({ kind: 'refused', refusal }, []),
  }

  function report(peer: PeerId): void {
    const bytes = taken.get(peer) ?? 0
    const bufferedBytes = transport?.bufferedBytes(peer) ?? 0
    taken.delete(peer)
    toldBuffered.set(peer, bufferedBytes)
    tell({ kind: 'sent', peer, link: links.get(peer) ?? 0, bytes, bufferedBytes }, [])
  }

  function send({ peer, link, frame }: Extract<ToPage, { kind: 'send' }>): void {
    if (!transport || links.get(peer) !== link) return
    // One report for all that the worker sent in one turn.
    if (!isTelling) queueMicrotask(reportTaken)
    isTelling = true
    taken.set(peer, (taken.get(peer) ?? 0) + frame.length)
    // Half a message would break the peer's reassembly: better a new connection.
    if (!isMute && !transport.send(peer, frame)) transport.disconnect(peer, 'overload')
  }

  function reportTaken(): void {
    isTelling = false
    for (const [peer, bytes] of taken) if (bytes + (toldBuffered.get(peer) ?? 0) > UNTOLD_BYTES_MAX) report(peer)
  }

  return {
    onNotice(notice) {
      switch (notice.kind) {
        case 'connect':
          transport ??= connect(handlers)
          return
        case 'send':
          send(notice)
          return
        case 'disconnect':
          transport?.disconnect(notice.peer, notice.reason)
          return
      }
    },
    setMute: (mute) => {
      isMute = mute
    },
    peers: () => transport?.peers() ?? [],
    send: (peer, frame) => transport?.send(peer, frame) ?? false,
    diagnostics: () => transport?.diagnostics() ?? { peers: [], signaling: [], refusals: {} },
    async close() {
      await transport?.close()
    },
  }
}
