/**
 * Speaks to everybody in a room over all paths at once: signaling servers, and the browser between its own tabs. What
 * comes over any of them is untrusted; what is not understood is counted and forgotten.
 */
import type { Random } from '../backoff.ts'
import type { SignalingDiagnostics, SignalingState } from '../port.ts'
import { type BroadcastChannelConstructor, createBrowserPath } from './browser-path.ts'
import { createInbox, type Inbox } from './inbox.ts'
import type { SignalingMessage } from './messages.ts'
import { describeError, type PathEvents, type SignalingPath } from './path.ts'
import { createRoomCipher, type RoomCipher } from './room-cipher.ts'
import { createServerPath, type WebSocketConstructor } from './server-path.ts'

export interface SignalingClientOptions {
  readonly urls: readonly string[]
  readonly room: string
  readonly password?: string
  readonly WebSocket: WebSocketConstructor
  /** Without it the tabs of this browser do not meet by themselves. */
  readonly BroadcastChannel?: BroadcastChannelConstructor
  readonly random: Random
  /** A published value, decrypted where the room has a password; over servers our own come back too. */
  message(value: unknown): void
  state(state: SignalingState): void
  /** Time to announce: others hear us on one more path, or somebody with another room password was heard. */
  subscribed(): void
}

export interface SignalingClient {
  /** To the room on every path that is connected, in order. */
  publish(value: SignalingMessage): void
  /** The value reported to `message` was not one of ours: count it for the path that it came over. */
  junk(): void
  /** The network is back: dial at once what waits to be dialled again. */
  dialNow(): void
  diagnostics(): readonly SignalingDiagnostics[]
  /** Resolves when no socket, no channel and no timer is left. */
  close(): Promise<void>
}

/** Two that cannot read each other would otherwise answer for ever. */
const UNDECIPHERABLE_PAUSE_MS = 60_000

interface Line {
  readonly path: SignalingPath
  readonly inbox: Inbox
  answeredMs: number
  answeredClients: number | undefined
}

interface Client {
  readonly options: SignalingClientOptions
  readonly lines: Line[]
  cipher: RoomCipher | null
  /** The line whose message is being handled. */
  speaking: Line | null
  outbox: Promise<void>
  closed: boolean
}

export const createSignalingClient = (options: SignalingClientOptions): SignalingClient => {
  const client: Client = { options, lines: [], cipher: null, speaking: null, outbox: Promise.resolve(), closed: false }
  const { room, WebSocket, BroadcastChannel, random } = options
  for (const url of new Set(options.urls)) {
    addLine(client, (events) => createServerPath({ url, room, WebSocket, random, ...events }))
  }
  if (BroadcastChannel) addLine(client, (events) => createBrowserPath({ room, BroadcastChannel, ...events }))
  void start(client)
  return {
    publish: (value) => publish(client, value),
    junk: () => client.speaking?.inbox.junk(),
    dialNow: () => {
      if (!client.closed) for (const { path } of client.lines) path.retryNow()
    },
    diagnostics: () => client.lines.map(diagnose),
    close: () => close(client),
  }
}

const addLine = (client: Client, createPath: (events: PathEvents) => SignalingPath): void => {
  const { options } = client
  const inbox = createInbox({
    cipher: () => client.cipher,
    hand: (value) => {
      client.speaking = line
      options.message(value)
      client.speaking = null
    },
    undecipherable: () => answerUndecipherable(client, line),
  })
  const path = createPath({
    changed: () => tellState(client, line),
    opened: options.subscribed,
    published: inbox.take,
    junk: inbox.junk,
  })
  const line: Line = { path, inbox, answeredMs: Number.NEGATIVE_INFINITY, answeredClients: undefined }
  client.lines.push(line)
}

const tellState = (client: Client, line: Line): void => {
  if (!client.closed) client.options.state(stateOf(line))
}

const stateOf = ({ path, inbox }: Line): SignalingState => ({
  kind: path.kind,
  url: path.url,
  connected: path.isConnected,
  ...(path.clients === undefined ? {} : { clients: path.clients }),
  ...(inbox.counts.undecipherable === 0 ? {} : { unreadable: true }),
})

const diagnose = (line: Line): SignalingDiagnostics => {
  const { junk, undecipherable, undecipherableMs } = line.inbox.counts
  return {
    ...stateOf(line),
    lastError: line.path.lastError,
    junk,
    undecipherable,
    undecipherableAgoMs: undecipherableMs === null ? null : performance.now() - undecipherableMs,
  }
}

const start = async (client: Client): Promise<void> => {
  const { password, room } = client.options
  try {
    if (password !== undefined) client.cipher = await createRoomCipher(password, room)
  } catch (error) {
    for (const { path } of client.lines) path.fail(`no room key: ${describeError(error)}`)
    return
  }
  // One task later, so that nothing is reported while the caller still holds no transport.
  await Promise.resolve()
  for (const { path } of client.lines) if (!client.closed) path.open()
}

const publish = (client: Client, value: SignalingMessage): void => {
  const { cipher } = client
  const toAll = (data: unknown) => {
    for (const { path } of client.lines) path.publish(data)
  }
  if (!cipher) {
    toAll(value)
    return
  }
  const sealed = cipher.encrypt(value)
  client.outbox = client.outbox.then(async () => {
    const data = await sealed
    if (!client.closed) toAll(data)
  })
}

const answerUndecipherable = (client: Client, line: Line): void => {
  const now = performance.now()
  const { clients } = line.path
  // Somebody has come or gone since we said so, or it is long ago.
  if (line.answeredClients !== clients || now - line.answeredMs > UNDECIPHERABLE_PAUSE_MS) {
    line.answeredMs = now
    line.answeredClients = clients
    // Its author reads ours no better, but learns from it that somebody here has another password.
    client.options.subscribed()
  }
  if (line.inbox.counts.undecipherable === 1) tellState(client, line)
}

const close = async (client: Client): Promise<void> => {
  if (client.closed) return
  client.closed = true
  for (const { inbox } of client.lines) inbox.close()
  await Promise.all(client.lines.map(({ path }) => path.close()))
}
