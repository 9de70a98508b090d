/**
 * The bytes of events in a store. Over canonical bytes they are the runtime's own; where ids come from the cheap hashing
 * the id stands for the bytes, and the registry for their decoding.
 */
import type { GossipEvent } from '../../src/core/gossip/event.ts'
import type { StoredEvent } from '../../src/store/index.ts'
import { decodeSealedEvent, encodeEvent, sealedBytes } from '../../src/wire/index.ts'
import type { Registry } from '../registry.ts'

export interface Archive {
  records(events: readonly GossipEvent[]): StoredEvent[]
  /** Asserts that every one was signed. */
  events(records: readonly StoredEvent[]): GossipEvent[]
}

/** Signatures are the registry's affair. */
const noSignature = new Uint8Array(64)
const utf8 = new TextEncoder()

function canonicalBytes(event: GossipEvent): Uint8Array {
  const { header, body } = encodeEvent(event)
  return sealedBytes({ header, body, signature: noSignature })
}

function canonicalId(bytes: Uint8Array): string {
  const decoded = decodeSealedEvent(bytes)
  if ('error' in decoded) throw new Error(`the store holds what cannot be decoded: ${decoded.error.detail}`)
  return decoded.ok.event.id
}

export function createArchive(registry: Registry, hash: 'fast' | 'wire'): Archive {
  const bytesOf = hash === 'wire' ? canonicalBytes : (event: GossipEvent) => utf8.encode(event.id)
  const idOf = hash === 'wire' ? canonicalId : (bytes: Uint8Array) => new TextDecoder().decode(bytes)
  return {
    records: (events) => events.map((event) => ({ id: event.id, bytes: bytesOf(event) })),
    events: (records) =>
      records.map(({ bytes }) => {
        const event = registry.get(idOf(bytes))
        if (event === undefined) throw new Error('the store holds what nobody signed')
        return event
      }),
  }
}
