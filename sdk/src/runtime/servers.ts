/** The signaling servers as a tab sees them. Imports the transport's types only. */
import type { SignalingState } from '../transport/port.ts'

export interface Servers {
  report(server: SignalingState, nowMs: number): void
  /** Since when there has been a server, in the clock of `report`; null: there was none yet. */
  readonly connectedAtMs: number | null
  readonly isConnected: boolean
  /** Somebody in the room says what our password does not open. */
  readonly isUnreadable: boolean
  /** Clients in the room, ourselves included, by the server that knows of most; null while none has said. */
  readonly clients: number | null
}

export function createServers(): Servers {
  const servers = new Map<string, SignalingState>()
  let connectedAtMs: number | null = null
  const connected = () => [...servers.values()].filter((server) => server.connected)
  return {
    report(server, nowMs) {
      servers.set(server.url, server)
      if (server.connected) connectedAtMs ??= nowMs
    },
    get connectedAtMs() {
      return connectedAtMs
    },
    get isConnected() {
      return connected().length > 0
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
