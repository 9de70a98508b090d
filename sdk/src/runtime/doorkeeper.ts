/**
 * Stands between those who ask to become members and the section: has each judged once at a time, and keeps what the
 * section says from those who are not let in.
 */
import type { PeerId } from '../core/gossip/event.ts'
import type { InvitationUse } from '../core/section/observation.ts'
import { type AgreedState, isUsedUp } from '../core/section/state.ts'
import { type AdmissionContext, type AdmissionRequest, judge } from './admission.ts'
import type { Admission, AdmissionRefusal } from './types.ts'

/** A peer may ask so often on one connection; whoever asks more is not answered. */
export const MAX_REQUESTS = 16

export interface DoorkeeperOptions {
  readonly admission: Admission
  /** Null while there is no section to let anybody into. */
  readonly context: () => AdmissionContext | null
  readonly admit: (peer: PeerId, invitation: InvitationUse | null) => void
  readonly refuse: (peer: PeerId, refusal: AdmissionRefusal) => void
  /** From now on the peer may read, and has missed what was said so far. */
  readonly welcome: (peer: PeerId) => void
}

export interface Doorkeeper {
  onRequest(request: AdmissionRequest): void
  /** Whether what the section says may be sent to this peer. Who may not is `welcome`d once it may. */
  mayRead(peer: PeerId): boolean
  /** New blocks: members have come, and invitations were used. */
  review(): void
  peerDown(peer: PeerId): void
}

interface Caller {
  requests: number
  isPending: boolean
  /** Undefined while it is not admitted. */
  admitted: { readonly invitation: InvitationUse | null } | undefined
  /** Something was kept from it. */
  isWithheld: boolean
}

export function createDoorkeeper({ admission, context, admit, refuse, welcome }: DoorkeeperOptions): Doorkeeper {
  // Connected peers only.
  const callers = new Map<PeerId, Caller>()

  function callerOf(peer: PeerId): Caller {
    const known = callers.get(peer)
    if (known) return known
    const caller: Caller = { requests: 0, isPending: false, admitted: undefined, isWithheld: false }
    callers.set(peer, caller)
    return caller
  }

  async function consider(request: AdmissionRequest, caller: Caller, now: AdmissionContext): Promise<void> {
    const { peer } = request
    const verdict = await judge(admission, request, now)
    caller.isPending = false
    // It is gone, or back over another connection; or our section has yielded to another one.
    if (callers.get(peer) !== caller || context()?.sectionId !== now.sectionId) return
    if ('refused' in verdict) return refuse(peer, verdict.refused)
    caller.admitted = { invitation: verdict.admitted }
    admit(peer, verdict.admitted)
    release(peer, caller)
  }

  function release(peer: PeerId, caller: Caller): void {
    if (!caller.isWithheld) return
    caller.isWithheld = false
    welcome(peer)
  }

  /** Former members read on: they learn only from the blocks that they are none any more. */
  function hasBeenMember(state: AgreedState, peer: PeerId): boolean {
    return state.members.has(peer) || state.memberSince.has(peer)
  }

  return {
    onRequest(request) {
      const caller = callerOf(request.peer)
      const now = context()
      if (!now || caller.isPending || caller.requests >= MAX_REQUESTS) return
      caller.requests++
      caller.isPending = true
      void consider(request, caller, now)
    },
    mayRead(peer) {
      if (admission === 'open') return true
      const now = context()
      if (now && hasBeenMember(now.state, peer)) return true
      const caller = callerOf(peer)
      if (caller.admitted) return true
      caller.isWithheld = true
      return false
    },
    review() {
      const now = context()
      if (!now) return
      for (const [peer, caller] of callers) {
        if (hasBeenMember(now.state, peer)) release(peer, caller)
        const invitation = caller.admitted?.invitation
        if (!invitation || now.state.members.has(peer) || !isUsedUp(now.state, invitation)) continue
        caller.admitted = undefined
        refuse(peer, 'invitationUsedUp')
      }
    },
    peerDown: (peer) => void callers.delete(peer),
  }
}
