/**
 * The y-webrtc signaling protocol: JSON objects over WebSocket, one per frame, text or binary. Imports nothing.
 *
 * `subscribe` and `unsubscribe` carry `topics`; `publish` carries a `topic` and is relayed whole, with `clients` set to
 * the topic's subscribers, to every subscriber, its sender included; `ping` is answered with `pong`. Whatever else is
 * valid JSON is ignored, as the reference server ignores it.
 *
 * Compatible extension: a `subscribe` that carries `parsec: true` is answered, for each of its topics, with
 * `{ type: 'subscribed', topic, clients }`.
 */

export type ClientMessage =
  | { readonly kind: 'subscribe'; readonly topics: readonly string[]; readonly wantsCount: boolean }
  | { readonly kind: 'unsubscribe'; readonly topics: readonly string[] }
  | { readonly kind: 'publish'; readonly topic: string; readonly message: Record<string, unknown> }
  | { readonly kind: 'ping' }
  | { readonly kind: 'ignored' }
  /** Not JSON, or the fields of a known type have the wrong shape. */
  | { readonly kind: 'malformed' }

const ignored: ClientMessage = { kind: 'ignored' }
const malformed: ClientMessage = { kind: 'malformed' }
const ping: ClientMessage = { kind: 'ping' }

/** Frames are at most `maxFrameBytes` long when they get here; JSON.parse needs no more than a multiple of that. */
export const parseFrame = (frame: string): ClientMessage => {
  let value: unknown
  try {
    value = JSON.parse(frame)
  } catch {
    return malformed
  }
  if (typeof value !== 'object' || value === null) return ignored
  const message = value as Record<string, unknown>
  switch (message['type']) {
    case 'publish': {
      const topic = message['topic']
      return typeof topic === 'string' ? { kind: 'publish', topic, message } : ignored
    }
    case 'ping':
      return ping
    case 'subscribe': {
      const topics = topicsOf(message['topics'])
      return topics ? { kind: 'subscribe', topics, wantsCount: message['parsec'] === true } : malformed
    }
    case 'unsubscribe': {
      const topics = topicsOf(message['topics'])
      return topics ? { kind: 'unsubscribe', topics } : malformed
    }
    default:
      return ignored
  }
}

/** Absent topics are none, and entries that are no strings are skipped, as in the reference server. */
const topicsOf = (value: unknown): string[] | null => {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) return null
  return value.filter((topic) => typeof topic === 'string')
}

/**
 * The bytes every subscriber gets, made once for all of them; null when the message is nested too deep to be written.
 * A `clients` that came with the message is overwritten.
 */
export const encodePublish = (message: Record<string, unknown>, clients: number): Buffer | null => {
  message['clients'] = clients
  try {
    return Buffer.from(JSON.stringify(message))
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

export const encodePong = (): Buffer => Buffer.from('{"type":"pong"}')

export const encodeSubscribed = (topic: string, clients: number): Buffer =>
  Buffer.from(JSON.stringify({ type: 'subscribed', topic, clients }))
