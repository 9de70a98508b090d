/**
 * Canonical bytes of gossip events. An event travels and is kept as header, body and signature, exactly as its creator
 * made them: received bytes are hashed and verified as they are, never encoded anew.
 */
import * as P from 'micro-packed'
import type { CoinParts } from '../core/coin/items.ts'
import type { Attestation, EventBody, EventContent, EventId, GossipEvent, Hash } from '../core/gossip/event.ts'
import {
  atMost,
  boundedBytes,
  boundedList,
  byteStrings,
  type Coder,
  type Decoded,
  decodeWith,
  EncodingError,
  encodeWith,
  hash32,
  listOf,
  nullable,
  record,
  refusal,
  trailing,
  u48,
  versioned,
} from './codec.ts'
import { coinPartsCoder } from './coin.ts'
import { createDigest } from './digest.ts'
import { limits, sealedEventBytesMax } from './limits.ts'
import { carriedObservationCoder } from './observation.ts'

export const wireVersion = 1

/** An event with the bytes that its id and its signature vouch for. */
export interface SealedEvent {
  /** The transactions in it are views of `body`: copy them before handing them to anybody who might write to them. */
  readonly event: GossipEvent
  readonly header: Uint8Array
  readonly body: Uint8Array
  /** Ed25519 over the event id's 32 bytes. */
  readonly signature: Uint8Array
}

/** A sealed event's bytes, not looked into yet. */
export type SealedParts = Pick<SealedEvent, 'header' | 'body' | 'signature'>

export interface EncodedEvent {
  readonly header: Uint8Array
  readonly body: Uint8Array
  readonly id: EventId
}

/** What a header says: enough, with its signature, for a certificate. */
export type EventHeader = Omit<EventContent, 'body'> & { readonly bodyHash: Hash }

const headerCoder = versioned(
  wireVersion,
  record<EventHeader>({
    sectionId: hash32,
    creator: hash32,
    seq: P.U32BE,
    selfParent: nullable(hash32),
    otherParents: listOf(atMost(limits.otherParents, P.U8), hash32),
    createdAtMs: u48,
    attest: record<Attestation>({ height: P.U32BE, blockHash: hash32 }),
    bodyHash: hash32,
  }),
)

const bodyFields = record<Omit<EventBody, 'coin'> & { readonly coin: CoinParts | undefined }>({
  transactions: byteStrings(atMost(limits.transactionsPerEvent, P.U16BE), limits.transactionBytes),
  observations: boundedList(limits.observationsPerEvent, carriedObservationCoder),
  coin: trailing(coinPartsCoder),
})

export const bodyCoder: Coder<EventBody> = P.apply(bodyFields, {
  encode: ({ coin, ...rest }): EventBody => (coin === undefined ? rest : { ...rest, coin }),
  decode: (body: EventBody) => ({ ...body, coin: body.coin }),
})

/** Header, body and signature as they stand in a message or a store. */
export const sealedCoder = record<SealedParts>({
  header: P.bytes(atMost(limits.headerBytes, P.U16BE)),
  body: boundedBytes(limits.bodyBytes),
  signature: P.bytes(64),
})

const eventDigest = createDigest('event')
const bodyDigest = createDigest('body')

/** Throws `EncodingError` for content above the limits. */
export function encodeEvent(content: EventContent): EncodedEvent {
  const body = encodeWith(bodyCoder, content.body)
  if (body.length > limits.bodyBytes) {
    throw new EncodingError(`a body of ${body.length} bytes is above the limit of ${limits.bodyBytes}`)
  }
  const header = encodeWith(headerCoder, {
    sectionId: content.sectionId,
    creator: content.creator,
    seq: content.seq,
    selfParent: content.selfParent,
    otherParents: content.otherParents,
    createdAtMs: content.createdAtMs,
    attest: content.attest,
    bodyHash: bodyDigest(body),
  })
  return { header, body, id: eventDigest(header) }
}

export function sealedBytes({ header, body, signature }: SealedParts): Uint8Array {
  return encodeWith(sealedCoder, { header, body, signature })
}

/** The event's id and what its header says, without needing its body. The signature is not checked here. */
export function decodeHeader(header: Uint8Array): Decoded<EventHeader & { readonly id: EventId }> {
  if (header.length > 0 && header[0] !== wireVersion) {
    return refusal('unsupportedVersion', `event version ${header[0]}`)
  }
  const decoded = decodeWith(headerCoder, header, limits.headerBytes)
  if ('error' in decoded) return decoded
  return { ok: { ...decoded.ok, id: eventDigest(header) } }
}

/** The signature is not checked here. The result keeps no reference to `bytes`. */
export function decodeSealedEvent(bytes: Uint8Array): Decoded<SealedEvent> {
  const parts = decodeWith(sealedCoder, bytes, sealedEventBytesMax)
  return 'ok' in parts ? openSealed(parts.ok) : parts
}

/** Hash of a body as its header names it. */
export const bodyHashLater = (body: Uint8Array): Promise<Hash> => bodyDigest.later(body)

/** Copies the parts, so that one event does not keep a whole message in memory. `hash`: of the body, if it is known. */
export function openSealed(parts: SealedParts, hash?: Hash): Decoded<SealedEvent> {
  const header = parts.header.slice()
  const body = parts.body.slice()
  const decodedHeader = decodeHeader(header)
  if ('error' in decodedHeader) return decodedHeader
  const { bodyHash, ...fields } = decodedHeader.ok
  if (bodyHash !== (hash ?? bodyDigest(body)))
    return refusal('bodyMismatch', `the body is not the one that ${fields.id} names`)
  const decodedBody = decodeWith(bodyCoder, body, limits.bodyBytes)
  if ('error' in decodedBody) return decodedBody
  return { ok: { event: { ...fields, body: decodedBody.ok }, header, body, signature: parts.signature.slice() } }
}
