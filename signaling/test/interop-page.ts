/** Runs in the browser: a document shared by y-webrtc, as its users set it up. Imports y-webrtc and yjs. */
import { WebrtcProvider } from 'y-webrtc'
import { Doc } from 'yjs'

export interface JoinOptions {
  readonly room: string
  readonly signaling: string
  readonly password?: string
}

export interface SharedNotes {
  set(key: string, value: string): void
  entries(): Record<string, unknown>
  connectedPeers(): number
}

export const join = ({ room, signaling, password }: JoinOptions): SharedNotes => {
  const doc = new Doc()
  const notes = doc.getMap('notes')
  const provider = new WebrtcProvider(room, doc, {
    signaling: [signaling],
    ...(password === undefined ? {} : { password }),
    peerOpts: { config: { iceServers: [] } },
  })
  return {
    set: (key, value) => void notes.set(key, value),
    entries: () => notes.toJSON(),
    connectedPeers: () => [...(provider.room?.webrtcConns.values() ?? [])].filter(({ connected }) => connected).length,
  }
}
