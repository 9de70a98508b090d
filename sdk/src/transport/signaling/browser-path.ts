/**
 * The other tabs of this browser that show pages of the same origin, over a BroadcastChannel: no server is needed to meet
 * them. Whoever else uses the channel's name can write into it, so that it is believed no more than a server.
 */
import { describeError, type PathEvents, parseFrame, type SignalingPath } from './path.ts'

/** The part of the DOM's BroadcastChannel that is used. */
export interface BroadcastChannelLike {
  onmessage: ((event: never) => void) | null
  onmessageerror: ((event: never) => void) | null
  postMessage(message: unknown): void
  close(): void
}
export type BroadcastChannelConstructor = new (name: string) => BroadcastChannelLike

export interface BrowserPathOptions extends PathEvents {
  readonly room: string
  readonly BroadcastChannel: BroadcastChannelConstructor
}

/** What stands in `SignalingState.url` for the tabs of this browser. */
export const BROWSER_URL = 'browser:'

/** Tabs that are awake answer an announcement within milliseconds; after this long nobody else is here. */
const ANSWER_MS = 1_000

const channelOf = (room: string): string => `parsec-web/signaling/${room}`

export const createBrowserPath = (options: BrowserPathOptions): SignalingPath => {
  const { changed, opened, published, junk } = options
  let channel: BroadcastChannelLike | null = null
  let lastError: string | null = null
  let clients: number | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  /** How many others there are nobody counts: only whether there is anybody is known. */
  function heard(): void {
    clearTimeout(timer)
    if (clients === undefined) return
    clients = undefined
    changed()
  }

  function receive(frame: unknown): void {
    const parsed = parseFrame(frame)
    if (!parsed) {
      junk()
      return
    }
    heard()
    if (channel) published(parsed.value)
  }

  function fail(why: string): void {
    lastError = why
    changed()
  }

  return {
    kind: 'browser',
    url: BROWSER_URL,
    get isConnected() {
      return channel !== null
    },
    get clients() {
      return clients
    },
    get lastError() {
      return lastError
    },
    open() {
      try {
        channel = new options.BroadcastChannel(channelOf(options.room))
      } catch (error) {
        fail(describeError(error))
        return
      }
      channel.onmessage = (event: { data?: unknown }) => receive(event.data)
      channel.onmessageerror = junk
      timer = setTimeout(() => {
        clients = 1
        changed()
      }, ANSWER_MS)
      changed()
      if (channel) opened()
    },
    publish(data) {
      try {
        channel?.postMessage(JSON.stringify(data))
      } catch (error) {
        lastError = describeError(error)
      }
    },
    retryNow() {},
    fail,
    async close() {
      clearTimeout(timer)
      if (!channel) return
      channel.onmessage = null
      channel.onmessageerror = null
      channel.close()
      channel = null
    },
  }
}
