/** Invitations name one section, so that whoever follows one joins exactly that or fails. */
import type { Hash } from '../core/gossip/event.ts'
import { ParsecError } from './errors.ts'

const PREFIX = 'parsec1-'

export function toInvitation(sectionId: Hash): string {
  return `${PREFIX}${sectionId}`
}

/** Throws `badInvitation`. */
export function sectionOf(invitation: string): Hash {
  const sectionId = invitation.trim().slice(PREFIX.length)
  if (!invitation.trim().startsWith(PREFIX) || !/^[0-9a-f]{64}$/.test(sectionId)) {
    throw new ParsecError('badInvitation', 'this text is not an invitation')
  }
  return sectionId
}
