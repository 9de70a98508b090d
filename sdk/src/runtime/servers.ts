/** The ways to meet others as a tab sees them: signaling servers, and its browser. Imports the transport's types only. */
import type { SignalingState } from '../transport/port.ts'

export interface Servers {
  report(server: SignalingState, nowMs: number): void
  /**
   * Since when whoever is in the room can be heard, in the clock of `report`; null: not yet. That takes a server, unless
   * there is none: then whoever is in this browser is all that there can be.
   */
  readonly connectedAtMs: number | null
  /** Newcomers can be met from here, as far as they can be at all. */
  readonly isConnected: boolean
  /** Somebody in the room says what our password does not open. */
  readonly isUnreadable: boolean
  /** Clients in the room, ourselves included, by the server that knows of most; null while none has said. */
  readonly clients: number | null
}

/** `isServerless`: no signaling server was given. */
export function createServers(isServerless: boolean): Servers {
  const servers = new Map<string, SignalingState>()
  let connectedAtMs: number | null = null
  const connected = () => [...servers.values()].filter((server) => server.connected)
  const isEnough = ({ connected, kind }: SignalingState) => connected && (isServerless || kind === 'server')
  return {
    report(server, nowMs) {
      servers.set(server.url, server)
      if (isEnough(server)) connectedAtMs ??= nowMs
    },
    get connectedAtMs() {
      return connectedAtMs
    },
    get isConnected() {
      return connected().some(isEnough)
    },
    get isUnreadable() {
      return connected().some((server) => server.unreadable)
    },
    get clients() {
      const counts = connected().flatMap(({ clients }) => clients || [])
      return counts.length > 0 ? Math.max(...counts) : null
    },
  }
}
