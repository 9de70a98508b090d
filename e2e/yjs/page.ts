/** A page with a shared document: live over y-webrtc where it is asked for, final by a section unless it is an outsider. */
import { joinSection, type Section } from 'parsec-web'
import { createYjsProvider, type YjsProvider } from 'parsec-web/yjs'
import { WebrtcProvider } from 'y-webrtc'
import * as Y from 'yjs'

export interface EditorFacts {
  readonly live: string
  /** Null for an outsider. */
  readonly final: string | null
  readonly snapshot: string | null
  readonly settled: boolean
  readonly refused: readonly string[]
  readonly transactions: number
  readonly authors: readonly (string | null)[]
  /** Peers of y-webrtc's that are connected, and all that it tries to reach. */
  readonly livePeers: number
  readonly liveAttempts: number
}

export interface EditorPage {
  readonly ready: Promise<void>
  readonly doc: Y.Doc
  readonly section: Section | null
  facts(): EditorFacts
  /** Inserts characters one by one, each at another place of the text as it is then. */
  type(character: string, strokes: number, everyMs: number): Promise<void>
  insert(at: number, text: string): void
  remove(at: number, length: number): void
  /** Submits an update as it is, whoever's content it holds. */
  submitUpdate(bytes: readonly number[]): void
  /** Writes under another client's id, as the live provider lets anybody do. */
  forge(client: number, text: string): void
}

const read = new URLSearchParams(location.search)
const room = read.get('room') ?? ''
const signaling = read.getAll('signaling')

const doc = new Y.Doc()
const text = doc.getText('text')
const refused: string[] = []
let section: Section | null = null
let provider: YjsProvider | null = null
let live: WebrtcProvider | null = null

async function start(): Promise<void> {
  if (!read.has('outsider')) {
    section = await joinSection({ room, signaling, iceServers: [] })
    provider = createYjsProvider(section, doc)
    provider.on('refused', ({ code }) => refused.push(code))
  }
  if (read.has('live') || read.has('outsider')) {
    live = new WebrtcProvider(room, doc, { signaling, filterBcConns: false, peerOpts: { config: { iceServers: [] } } })
  }
}

const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes))

const page: EditorPage = {
  ready: start(),
  doc,
  get section() {
    return section
  },
  facts() {
    const connections = [...(live?.room?.webrtcConns.values() ?? [])]
    const blocks = Array.from({ length: section?.status.height ?? 0 }, (_, i) => section?.block(i + 1))
    return {
      live: text.toString(),
      final: provider?.final.getText('text').toString() ?? null,
      snapshot: provider ? base64(provider.snapshot()) : null,
      settled: provider?.settled ?? true,
      refused,
      transactions: blocks.reduce((sum, block) => sum + (block?.transactions.length ?? 0), 0),
      authors: provider?.authorship(provider.final.getText('text')).map(({ author }) => author) ?? [],
      livePeers: connections.filter(({ connected }) => connected).length,
      liveAttempts: connections.length,
    }
  },
  type(character, strokes, everyMs) {
    return new Promise((resolve) => {
      let stroke = 0
      const timer = setInterval(() => {
        text.insert((stroke * 7919) % (text.length + 1), character)
        if (++stroke < strokes) return
        clearInterval(timer)
        resolve()
      }, everyMs)
    })
  },
  insert: (at, what) => text.insert(at, what),
  remove: (at, length) => text.delete(at, length),
  submitUpdate(bytes) {
    const part = { kind: 'parsec-web/yjs', doc: 'default', nonce: new Uint8Array(8), part: 0, parts: 1 }
    section?.submit({ ...part, bytes: Uint8Array.from(bytes) })
  },
  forge(client, what) {
    const forger = new Y.Doc()
    Y.applyUpdate(forger, Y.encodeStateAsUpdate(doc))
    forger.clientID = client
    forger.getText('text').insert(0, what)
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(forger))
  },
}
Object.assign(window, { page })
