/** Invitations as text: each names one section, and is signed by the member that invites into it. */
import { hexToBytes } from '@noble/hashes/utils.js'
import { base64urlnopad } from '@scure/base'
import type { Hash } from '../core/gossip/event.ts'
import type { Identity } from '../crypto/index.ts'
import { decodeInvitation, encodeInvitation, invitationId, invitationNonceBytes } from '../wire/index.ts'
import { ParsecError } from './errors.ts'
import type { InvitationTerms } from './types.ts'

const PREFIX = 'parsec1-'
const DAY_MS = 24 * 60 * 60 * 1000
const MAX_USES = 65_535
/** Base64 without padding, as in RFC 4648, section 5; longer than any invitation. */
const wellFormed = /^[\w-]{1,1500}$/

export interface ReadInvitation {
  readonly sectionId: Hash
  /** As it is shown to the members. */
  readonly bytes: Uint8Array
}

/** Throws `badInvitation`. Whether the signature and the terms hold is for the members to say. */
export function readInvitation(text: string): ReadInvitation {
  const trimmed = text.trim()
  const encoded = trimmed.slice(PREFIX.length)
  if (trimmed.startsWith(PREFIX) && wellFormed.test(encoded)) {
    try {
      const bytes = base64urlnopad.decode(encoded)
      const decoded = decodeInvitation(bytes)
      if ('ok' in decoded) return { sectionId: decoded.ok.invitation.sectionId, bytes }
    } catch {
      // Not base64.
    }
  }
  throw new ParsecError('badInvitation', 'this text is not an invitation')
}

export interface Inviter {
  readonly identity: Identity
  readonly sectionId: Hash
  readonly nowMs: number
  readonly random: (length: number) => Uint8Array
}

/** Rejects with `badOptions`. */
export async function writeInvitation(
  { identity, sectionId, nowMs, random }: Inviter,
  { uses = 1, validForMs = DAY_MS }: InvitationTerms,
): Promise<string> {
  if (!Number.isInteger(uses) || uses < 1 || uses > MAX_USES) {
    throw new ParsecError('badOptions', `uses: a whole number from 1 to ${MAX_USES}`)
  }
  const expiresAtMs = Math.floor(nowMs + validForMs)
  if (!(validForMs > 0) || expiresAtMs >= 2 ** 48) {
    throw new ParsecError('badOptions', 'validForMs: a positive number of milliseconds')
  }
  const invitation = { sectionId, inviter: identity.peer, expiresAtMs, uses, nonce: random(invitationNonceBytes) }
  const signature = await identity.sign(hexToBytes(invitationId(invitation)))
  return PREFIX + base64urlnopad.encode(encodeInvitation({ invitation, signature }))
}
