/**
 * Connections without WebRTC: two that have exchanged an offer and an answer hand each other their bytes. The
 * descriptions are SDP as far as the transport reads it. Pairs can be cut, kept apart, and given wrong certificates.
 */

import type { Signal } from '../../src/transport/signaling/messages.ts'
import type { Connect, Connection, ConnectionHandlers } from '../../src/transport/webrtc/connection.ts'

export interface FakeNet {
  readonly connect: Connect
  /** Connections that were made and not released. */
  open(): number
  /** Every connection breaks, and both ends notice. */
  breakAll(): void
  /** Bytes vanish, nobody is told. */
  setCut(cut: boolean): void
  /** New connections never open. */
  setBlocked(blocked: boolean): void
}

interface End {
  readonly id: number
  readonly handlers: ConnectionHandlers
  remoteSdp: string | null
  other: End | null
  opened: boolean
  closed: boolean
}

const sdpOf = (id: number): string =>
  `v=0\r\no=- ${id} 0 IN IP4 0.0.0.0\r\na=fingerprint:sha-256 ${id.toString(16).padStart(4, '0').toUpperCase()}\r\n`
const idOf = (sdp: string): number => Number(/^o=- (\d+)/m.exec(sdp)?.[1])

export const createFakeNet = (): FakeNet => {
  const ends = new Map<number, End>()
  let nextId = 1
  let cut = false
  let blocked = false

  const meet = (a: End, b: End) => {
    a.other = b
    b.other = a
    if (blocked) return
    for (const end of [a, b]) {
      end.opened = true
      setTimeout(() => {
        if (!end.closed) end.handlers.open()
      }, 1)
    }
  }
  const close = (end: End) => {
    if (end.closed) return
    end.closed = true
    ends.delete(end.id)
    const { other } = end
    if (!other || other.closed || cut) return
    setTimeout(() => {
      if (other.closed) return
      other.closed = true
      ends.delete(other.id)
      other.handlers.closed(null)
    }, 2)
  }
  const connect: Connect = ({ initiator }, handlers): Connection => {
    const end: End = { id: nextId++, handlers, remoteSdp: null, other: null, opened: false, closed: false }
    ends.set(end.id, end)
    const emit = (signal: Signal) =>
      setTimeout(() => {
        if (!end.closed) handlers.signal(signal)
      }, 1)
    if (initiator) emit({ type: 'offer', sdp: sdpOf(end.id) })
    return {
      signal: (signal) => {
        if (signal.type === 'candidate') return
        end.remoteSdp = signal.sdp
        if (signal.type === 'offer') emit({ type: 'answer', sdp: sdpOf(end.id) })
        const other = ends.get(idOf(signal.sdp))
        if (other && signal.type === 'answer') meet(end, other)
      },
      send: (bytes) => {
        if (!end.opened || end.closed) return false
        const copy = bytes.slice()
        setTimeout(() => {
          if (!cut && end.other && !end.other.closed) end.other.handlers.message(copy)
        }, 1)
        return true
      },
      bufferedBytes: () => 0,
      fingerprints: () =>
        end.remoteSdp === null ? null : { local: fingerprint(sdpOf(end.id)), remote: fingerprint(end.remoteSdp) },
      candidatePair: async () => 'host',
      restartIce: () => {},
      close: () => close(end),
    }
  }
  return {
    connect,
    open: () => ends.size,
    breakAll: () => {
      for (const end of [...ends.values()]) {
        if (end.closed) continue
        close(end)
        end.handlers.closed('broken')
      }
    },
    setCut: (now) => {
      cut = now
    },
    setBlocked: (now) => {
      blocked = now
    },
  }
}

const fingerprint = (sdp: string): string => /^a=fingerprint:(.*)$/m.exec(sdp)?.[1]?.trim() ?? ''
