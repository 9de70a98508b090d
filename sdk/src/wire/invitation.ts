/** Canonical bytes of an invitation: what a member signs to let others into its section. */
import * as P from 'micro-packed'
import type { Hash, PeerId } from '../core/gossip/event.ts'
import {
  atLeastOne,
  type Coder,
  type Decoded,
  decodeWith,
  encodeWith,
  hash32,
  record,
  u48,
  versioned,
} from './codec.ts'
import { createDigest } from './digest.ts'
import { limits } from './limits.ts'

export interface Invitation {
  readonly sectionId: Hash
  /** The member that invites. */
  readonly inviter: PeerId
  /** Milliseconds since 1970, by the clocks of those who let in. */
  readonly expiresAtMs: number
  /** How many members may be added under it; 1 to 65,535. */
  readonly uses: number
  /** 16 random bytes: two invitations with the same terms are counted apart. */
  readonly nonce: Uint8Array
}

export interface SignedInvitation {
  readonly invitation: Invitation
  /** Digest of the content, which the signature is over. */
  readonly id: Hash
  readonly signature: Uint8Array
}

export const invitationNonceBytes = 16

const invitationCoder: Coder<Invitation> = versioned(
  1,
  record<Invitation>({
    sectionId: hash32,
    inviter: hash32,
    expiresAtMs: u48,
    uses: atLeastOne(P.U16BE),
    nonce: P.bytes(invitationNonceBytes),
  }),
)

const signedCoder = record<{ invitation: Invitation; signature: Uint8Array }>({
  invitation: invitationCoder,
  signature: P.bytes(64),
})

const digest = createDigest('invitation')

/** Throws `EncodingError`. */
export function invitationId(invitation: Invitation): Hash {
  return digest(encodeWith(invitationCoder, invitation))
}

/** Throws `EncodingError`. */
export function encodeInvitation({ invitation, signature }: Omit<SignedInvitation, 'id'>): Uint8Array {
  return encodeWith(signedCoder, { invitation, signature })
}

/** Never throws. The signature is not checked here. */
export function decodeInvitation(bytes: Uint8Array): Decoded<SignedInvitation> {
  const decoded = decodeWith(signedCoder, bytes, limits.invitationBytes)
  if ('error' in decoded) return decoded
  const { invitation, signature } = decoded.ok
  const own = { ...invitation, nonce: invitation.nonce.slice() }
  return { ok: { invitation: own, id: invitationId(own), signature: signature.slice() } }
}
