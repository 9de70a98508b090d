/** What two peers of a section say to each other once their connection is authenticated. */
import * as P from 'micro-packed'
import type { Hash } from '../core/gossip/event.ts'
import type { GossipMessage } from '../core/io.ts'
import type { Genesis } from '../core/section/block.ts'
import {
  atMost,
  boundedList,
  type Coder,
  type Decoded,
  decodeWith,
  EncodingError,
  encodeWith,
  hash32,
  nullable,
  record,
  union,
} from './codec.ts'
import { bodyHashLater, openSealed, type SealedEvent, type SealedParts, sealedCoder } from './event.ts'
import { genesisCoder } from './genesis.ts'
import { limits } from './limits.ts'
import { signedLinksCoder } from './links.ts'

export type PeerMessage =
  /** In topological order. */
  | { readonly kind: 'events'; readonly events: readonly SealedEvent[]; readonly more: boolean }
  | Exclude<GossipMessage, { readonly kind: 'events' }>
  /** The section the sender is in, if any; `voters` and `members` are counts. */
  | {
      readonly kind: 'section'
      readonly sectionId: Hash | null
      readonly genesis: Genesis | null
      readonly height: number
      readonly voters: number
      readonly members: number
      /** Something is final there, so that the section cannot yield to another one. */
      readonly hasHistory: boolean
    }
  /** Asks to be added, with what the admission policy wants to see; empty where it wants nothing. */
  | { readonly kind: 'join'; readonly invitation: Uint8Array }
  /** The sender's page falls asleep, and does not answer until it says that it is awake. */
  | { readonly kind: 'presence'; readonly asleep: boolean }
  /** The sender hangs up; `reason` is a short code in printable ASCII. */
  | { readonly kind: 'refused'; readonly reason: string }

type RawMessage =
  | Exclude<PeerMessage, { readonly kind: 'events' }>
  | { readonly kind: 'events'; readonly events: readonly SealedParts[]; readonly more: boolean }

const printableAscii = /^[\x20-\x7e]*$/

const reason = P.validate(P.string(atMost(limits.reasonLength, P.U8)), (text) => {
  if (!printableAscii.test(text)) throw new Error('not printable ASCII')
  return text
})

const ids = boundedList(limits.idsPerMessage, hash32)

const messageCoder: Coder<RawMessage> = union<RawMessage>({
  events: [1, record({ more: P.bool, events: boundedList(limits.eventsPerMessage, sealedCoder) })],
  tips: [2, record({ tips: ids })],
  want: [3, record({ ids, tips: ids })],
  links: [4, record({ statement: signedLinksCoder })],
  section: [
    16,
    record({
      sectionId: nullable(hash32),
      genesis: nullable(genesisCoder),
      height: P.U32BE,
      voters: atMost(limits.voters, P.U16BE),
      members: atMost(limits.members, P.U16BE),
      hasHistory: P.bool,
    }),
  ],
  join: [17, record({ invitation: P.bytes(atMost(limits.invitationBytes, P.U16BE)) })],
  refused: [18, record({ reason })],
  presence: [19, record({ asleep: P.bool })],
})

/** Throws `EncodingError` for a message above the limits; `splitEvents` keeps `events` below them. */
export function encodeMessage(message: PeerMessage): Uint8Array {
  const raw: RawMessage =
    message.kind === 'events'
      ? { ...message, events: message.events.map(({ header, body, signature }) => ({ header, body, signature })) }
      : message
  const bytes = encodeWith(messageCoder, raw)
  if (bytes.length > limits.messageBytes) {
    throw new EncodingError(`a message of ${bytes.length} bytes is above the limit of ${limits.messageBytes}`)
  }
  return bytes
}

/**
 * Never throws. One undecodable event refuses the message: a correct peer passes on only what it decoded itself, so that
 * the sender is at fault. Signatures are not checked here; the result keeps no reference to `bytes`.
 */
export function decodeMessage(bytes: Uint8Array): Decoded<PeerMessage> {
  const decoded = decodeWith(messageCoder, bytes, limits.messageBytes)
  return 'error' in decoded ? decoded : open(decoded.ok, [])
}

/** The same; never rejects. Large bodies are hashed off this thread. */
export async function decodeMessageLater(bytes: Uint8Array): Promise<Decoded<PeerMessage>> {
  const decoded = decodeWith(messageCoder, bytes, limits.messageBytes)
  if ('error' in decoded) return decoded
  const message = decoded.ok
  if (message.kind !== 'events') return open(message, [])
  return open(message, await Promise.all(message.events.map(({ body }) => bodyHashLater(body))))
}

/** `bodyHashes`: of the events, as far as they are known. */
function open(message: RawMessage, bodyHashes: readonly Hash[]): Decoded<PeerMessage> {
  if (message.kind === 'links') {
    const { statement } = message
    return { ok: { kind: 'links', statement: { ...statement, signature: statement.signature.slice() } } }
  }
  if (message.kind === 'join') return { ok: { kind: 'join', invitation: message.invitation.slice() } }
  if (message.kind !== 'events') return { ok: message }
  const events: SealedEvent[] = []
  for (const [i, parts] of message.events.entries()) {
    const opened = openSealed(parts, bodyHashes[i])
    if ('error' in opened) return opened
    events.push(opened.ok)
  }
  return { ok: { kind: 'events', events, more: message.more } }
}

const eventsOverhead = 4
const sealedOverhead = 2 + 4 + 64

/** Cuts a list of events, in order, into lists that each fit into one `events` message. */
export function splitEvents(events: readonly SealedEvent[]): SealedEvent[][] {
  const lists: SealedEvent[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const sealed of events) {
    const size = sealedOverhead + sealed.header.length + sealed.body.length
    const open = lists.at(-1)
    if (open === undefined || open.length === limits.eventsPerMessage || bytes + size > limits.messageBytes) {
      lists.push([sealed])
      bytes = eventsOverhead + size
    } else {
      open.push(sealed)
      bytes += size
    }
  }
  return lists
}
