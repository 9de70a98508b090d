/** The section's status in facts and in words. */
import type { Hash, PeerId } from '../core/gossip/event.ts'
import type { SectionStatus as CoreStatus } from '../core/options.ts'
import type { PreviousSection } from '../core/section/block.ts'
import { inWords } from './admission.ts'
import type { Meeting } from './residing.ts'
import type { AdmissionRefusal, Member, SectionStatus } from './types.ts'

export interface Circumstances {
  readonly phase: 'joining' | 'live' | 'left' | 'stopped'
  readonly alarm: string | null
  readonly meeting: Meeting
  /** Peers that said that they fall asleep. */
  readonly asleep: ReadonlySet<PeerId>
  readonly previousSection: PreviousSection | null
  readonly successors: readonly Hash[]
  /** The latest answer of a member that does not let us in. */
  readonly turnedAway: AdmissionRefusal | null
  /** Part of what we said was lost, and nothing is said until a peer brings it back. */
  readonly isRecovering: boolean
  readonly keeping: Keeping
}

/** What becomes of this tab after a reload. */
export type Keeping = Pick<SectionStatus, 'storage' | 'storageReason'>

/** `reason`: a code, as the diagnostics show it. */
export function keepingOf(isPersistent: boolean, reason: string | null): Keeping {
  if (isPersistent) return { storage: 'durable', storageReason: null }
  const why = whyNothingIsKept[reason ?? ''] ?? 'the storage of this browser fails'
  return { storage: 'memory', storageReason: `nothing is kept here, and a reload makes this tab somebody new: ${why}` }
}

const whyNothingIsKept: Readonly<Record<string, string>> = {
  chosen: 'the application wants it so',
  denied: 'a private window, or the settings of the browser, forbid it',
  noLocks: 'the browser does not allow it on pages that are not loaded over https',
  quota: 'there is no space',
  blocked: 'another tab of this site runs an older version; close it',
  newerFormat: 'a newer version of this application was here; reload to get it',
}

export function toStatus(core: CoreStatus, circumstances: Circumstances): SectionStatus {
  const { phase, alarm, asleep } = circumstances
  // A neighbour may still count one in that has just told us that it falls asleep.
  const members = core.members.map(({ peer, voter, online }) => {
    const sleeps = asleep.has(peer)
    return { peer, voter, online: online && !sleeps, asleep: sleeps }
  })
  const voters = members.filter((member) => member.voter)
  const quorum = { voters, needed: core.needed, reachable: voters.filter(({ online }) => online).length }
  const reason = alarm ?? whyNothingBecomesFinal(core, quorum, circumstances)
  const stalled = reason === null ? 'ready' : 'stalled'
  return {
    state: alarm !== null ? 'stopped' : phase === 'live' ? stalled : phase,
    height: core.height,
    certifiedHeight: core.certifiedHeight,
    voters: voters.length,
    needed: quorum.needed,
    reachable: quorum.reachable,
    asleep: voters.filter((voter) => voter.asleep).length,
    members,
    role: core.membership,
    coin: core.coin.state,
    pending: core.pending,
    ...circumstances.keeping,
    previousSection: circumstances.previousSection,
    successors: circumstances.successors,
    reason,
  }
}

const offline: Readonly<Record<Meeting, string>> = {
  signaling: '',
  members: '; no signaling server is reachable, so that members have to introduce who comes',
  none: '; no signaling server is reachable either',
}

interface Quorum {
  readonly voters: readonly Member[]
  readonly needed: number
  readonly reachable: number
}

function whyNothingBecomesFinal(
  core: CoreStatus,
  { voters, needed, reachable }: Quorum,
  { phase, meeting, turnedAway, successors, isRecovering }: Circumstances,
): string | null {
  if (isRecovering) return 'part of what this tab said is damaged here: waiting for a member that has it'
  if (phase === 'joining') {
    if (turnedAway !== null) return `not let in: ${inWords(turnedAway)}`
    return 'waiting for the members to let us in'
  }
  if (core.membership === 'removed') return 'this tab is no longer a member'
  if (reachable >= needed) return null
  const missing = voters
    .filter((voter) => !voter.online)
    .map(({ peer, asleep }) => `${peer.slice(0, 8)}${asleep ? ' (asleep)' : ''}`)
  const names = successors.map((id) => id.slice(0, 8)).join(', ')
  const after = names === '' ? '' : `; others have left for the section that follows this one, ${names}`
  const all = voters.length === 1 ? '1 voter' : `${voters.length} voters`
  return `${reachable} of ${all} reachable, ${needed} needed: waiting for ${missing.join(', ')}${offline[meeting]}${after}`
}

/** Before there is a section to speak of. */
export function joiningStatus(reason: string, keeping: Keeping): SectionStatus {
  return {
    state: 'joining',
    height: 0,
    certifiedHeight: 0,
    voters: 0,
    needed: 0,
    reachable: 0,
    asleep: 0,
    members: [],
    role: 'outside',
    coin: 'none',
    pending: 0,
    ...keeping,
    previousSection: null,
    successors: [],
    reason,
  }
}
