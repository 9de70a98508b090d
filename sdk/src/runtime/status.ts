/** The section's status in facts and in words. */
import type { PeerId } from '../core/gossip/event.ts'
import type { SectionStatus as CoreStatus } from '../core/options.ts'
import { inWords } from './admission.ts'
import type { AdmissionRefusal, SectionStatus } from './types.ts'

export interface Circumstances {
  readonly phase: 'joining' | 'live' | 'left' | 'stopped'
  readonly alarm: string | null
  readonly signalingConnected: boolean
  readonly me: PeerId
  /** The latest answer of a member that does not let us in. */
  readonly turnedAway: AdmissionRefusal | null
}

export function toStatus(core: CoreStatus, circumstances: Circumstances): SectionStatus {
  const { phase, alarm } = circumstances
  const voters = core.members.filter((member) => member.voter)
  const reason = alarm ?? whyNothingBecomesFinal(core, circumstances)
  const stalled = reason === null ? 'ready' : 'stalled'
  return {
    state: alarm !== null ? 'stopped' : phase === 'live' ? stalled : phase,
    height: core.height,
    certifiedHeight: core.certifiedHeight,
    voters: voters.length,
    needed: core.needed,
    reachable: core.reachable,
    members: core.members.map(({ peer, voter, online }) => ({ peer, voter, online })),
    role: core.membership,
    coin: voters.length <= 3 ? 'none' : 'forming',
    pending: core.pending,
    reason,
  }
}

function whyNothingBecomesFinal(
  core: CoreStatus,
  { phase, signalingConnected, turnedAway }: Circumstances,
): string | null {
  if (phase === 'joining') {
    if (turnedAway !== null) return `not let in: ${inWords(turnedAway)}`
    return 'waiting for the members to let us in'
  }
  if (core.membership === 'removed') return 'this tab is no longer a member'
  if (core.reachable >= core.needed) return null
  const voters = core.members.filter((member) => member.voter)
  const missing = voters.filter((voter) => !voter.online).map((voter) => voter.peer.slice(0, 8))
  const offline = signalingConnected ? '' : '; no signaling server is reachable either'
  const all = voters.length === 1 ? '1 voter' : `${voters.length} voters`
  return `${core.reachable} of ${all} reachable, ${core.needed} needed: waiting for ${missing.join(', ')}${offline}`
}

/** Before there is a section to speak of. */
export function joiningStatus(reason: string): SectionStatus {
  return {
    state: 'joining',
    height: 0,
    certifiedHeight: 0,
    voters: 0,
    needed: 0,
    reachable: 0,
    members: [],
    role: 'outside',
    coin: 'none',
    pending: 0,
    reason,
  }
}
