/** Who may become a member, as each voter judges for itself by the application's policy. */
import { hexToBytes } from '@noble/hashes/utils.js'
import type { Hash, PeerId } from '../core/gossip/event.ts'
import type { InvitationUse } from '../core/section/observation.ts'
import { type AgreedState, isUsedUp } from '../core/section/state.ts'
import type { Verifier } from '../crypto/index.ts'
import { decodeInvitation } from '../wire/index.ts'
import type { Admission, AdmissionRefusal } from './types.ts'

export type Verdict = { readonly admitted: InvitationUse | null } | { readonly refused: AdmissionRefusal }

export interface AdmissionRequest {
  readonly peer: PeerId
  /** As the peer sent it; empty where it has none. */
  readonly invitation: Uint8Array
}

export interface AdmissionContext {
  readonly sectionId: Hash
  readonly state: AgreedState
  readonly verifier: Verifier
  /** Milliseconds since 1970. */
  readonly nowMs: number
}

/** Never rejects: an application's function that fails admits nobody. */
export async function judge(
  admission: Admission,
  { peer, invitation }: AdmissionRequest,
  context: AdmissionContext,
): Promise<Verdict> {
  if (!context.verifier.admissible(peer)) return { refused: 'inadmissibleKey' }
  if (admission === 'open') return { admitted: null }
  if (admission === 'invitation') return await judgeInvitation(invitation, context)
  if (typeof admission === 'function') return (await agrees(admission, peer)) ? { admitted: null } : declined
  return admission.allowList.includes(peer) ? { admitted: null } : { refused: 'notOnTheList' }
}

const declined: Verdict = { refused: 'declined' }

async function agrees(ask: (peer: PeerId) => boolean | Promise<boolean>, peer: PeerId): Promise<boolean> {
  try {
    return (await ask(peer)) === true
  } catch {
    return false
  }
}

async function judgeInvitation(
  bytes: Uint8Array,
  { sectionId, state, verifier, nowMs }: AdmissionContext,
): Promise<Verdict> {
  if (bytes.length === 0) return { refused: 'notInvited' }
  const decoded = decodeInvitation(bytes)
  if ('error' in decoded || decoded.ok.invitation.sectionId !== sectionId) return { refused: 'badInvitation' }
  const { id, signature, invitation } = decoded.ok
  const { inviter, uses, expiresAtMs } = invitation
  // Whoever was removed invites nobody any more. Asked first: it is cheap, and bounds whose signatures are checked.
  if (!state.members.has(inviter)) return { refused: 'inviterNotMember' }
  if (nowMs >= expiresAtMs) return { refused: 'invitationExpired' }
  if (isUsedUp(state, { id, uses })) return { refused: 'invitationUsedUp' }
  if (!(await verifier.verify(inviter, signature, hexToBytes(id)))) return { refused: 'badInvitation' }
  return { admitted: { id, uses } }
}

const words: Readonly<Record<AdmissionRefusal, string>> = {
  inadmissibleKey: 'the key of this tab is not one that a member may have',
  notInvited: 'an invitation is needed',
  badInvitation: 'the invitation is forged, or for another section',
  invitationExpired: 'the invitation has expired',
  invitationUsedUp: 'the invitation was used as often as it may be',
  inviterNotMember: 'whoever signed the invitation is not a member',
  notOnTheList: 'this tab is not on the list of those let in',
  declined: 'the application declined',
}

/** A peer's reason; whatever we do not know is `declined`. */
export function admissionRefusalOf(reason: string): AdmissionRefusal {
  return Object.hasOwn(words, reason) ? (reason as AdmissionRefusal) : 'declined'
}

export function inWords(refusal: AdmissionRefusal): string {
  return words[refusal]
}
