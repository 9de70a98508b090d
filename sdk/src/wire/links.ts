/** Canonical bytes of what a peer states of its connections, and signs. */
import { hexToBytes } from '@noble/hashes/utils.js'
import * as P from 'micro-packed'
import type { LinkStatement, SignedLinks } from '../core/gossip/topology.ts'
import { boundedList, encodeWith, hash32, record, u48 } from './codec.ts'
import { createDigest } from './digest.ts'
import { limits } from './limits.ts'

const fields = { of: hash32, sinceMs: u48, peers: boundedList(limits.linksPerMessage, hash32) }

const statementCoder = record<LinkStatement>(fields)

/** Its result holds a view of the bytes it was decoded from. */
export const signedLinksCoder = record<SignedLinks>({ ...fields, signature: P.bytes(64) })

const digest = createDigest('links')

/**
 * The 32 bytes that the signature is over. No section is named: whom a peer is connected to is the same in all of them.
 * Throws `EncodingError` for a statement above the limits.
 */
export function linksDigest({ of, sinceMs, peers }: LinkStatement): Uint8Array {
  return hexToBytes(digest(encodeWith(statementCoder, { of, sinceMs, peers })))
}
