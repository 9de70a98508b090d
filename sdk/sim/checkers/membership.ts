/** Who is away too long is removed, nobody sooner; and a growing section has the voters that its members online allow. */
import type { PeerId } from '../../src/core/gossip/event.ts'
import type { MemberStatus } from '../../src/core/options.ts'
import type { InvitationUse } from '../../src/core/section/observation.ts'
import { faultsTolerated, isSupermajority } from '../../src/core/thresholds.ts'
import type { Host } from '../process/host-port.ts'
import { invitationOf } from '../scenario.ts'
import type { CreateChecker, World } from './checker.ts'

/** Clocks read whole milliseconds. */
const roundingMs = 2

const correctVoters = (world: World): readonly Host[] =>
  world.hosts.filter(
    (host) => world.isCorrect(host.slot) && host.isRunning() && host.core().status().membership === 'voter',
  )

export const forgetting: CreateChecker = (world) => {
  const { forgetAfterMs, genesis, persistMs } = world.scenario
  if (forgetAfterMs === null) return {}
  const awaySinceMs = new Map<Host, Map<PeerId, number>>()
  const wantsOut = new Set<PeerId>()

  return {
    onStarted: (host) => void awaySinceMs.delete(host),
    onOutput(host) {
      const known = awaySinceMs.get(host) ?? new Map<PeerId, number>()
      awaySinceMs.set(host, known)
      for (const { peer, online } of host.core().status().members) {
        if (online) known.delete(peer)
        else if (!known.has(peer)) known.set(peer, world.nowMs())
      }
    },
    onSigned(host, event) {
      for (const observation of event.body.observations) {
        if (observation.kind !== 'remove') continue
        const { peer } = observation
        if (peer === event.creator) wantsOut.add(peer)
        if (wantsOut.has(peer) || !world.isCorrectPeer(peer)) continue
        const awayMs = world.nowMs() - (awaySinceMs.get(host)?.get(peer) ?? world.nowMs())
        // What is seen of an output is seen after it was stored.
        if (awayMs + persistMs + roundingMs < forgetAfterMs)
          world.fail(
            'forgetting',
            `${world.nameOf(event.creator)} votes ${world.nameOf(peer)} out after ${Math.round(awayMs)} ms`,
          )
      }
    },
    atEnd(idle) {
      if (!idle || genesis !== 'grow' || !world.livenessIsPromised()) return
      const voters = correctVoters(world)
      const size =
        voters[0]
          ?.core()
          .status()
          .members.filter(({ voter }) => voter).length ?? 0
      const missed = new Map<PeerId, number>()
      for (const host of voters) {
        for (const { peer, online, voter } of host.core().status().members)
          if (!online && !voter) missed.set(peer, (missed.get(peer) ?? 0) + 1)
      }
      for (const [peer, count] of missed)
        if (isSupermajority(count, size))
          world.fail('forgetting', `${world.nameOf(peer)}, long away, is still a member`)
    },
  }
}

/** 1, 4, 7, … as far as these members and the genesis allow. */
function wantedVoters(members: readonly MemberStatus[], maxVoters: number): number {
  const online = members.filter((member) => member.online).length
  return 3 * faultsTolerated(Math.min(online, maxVoters)) + 1
}

/**
 * At rest, when every delay of the policy has passed. Each voter goes by whom it reaches itself, so a number of voters is
 * wrong only where a supermajority of them, correct ones, see that many members and another number of voters.
 */
export const voterPolicy: CreateChecker = (world) => ({
  atEnd(idle) {
    const { genesis, maxVoters } = world.scenario
    if (!idle || genesis !== 'grow' || !world.livenessIsPromised()) return
    const views = correctVoters(world).map((host) => host.core().status().members)
    const size = views[0]?.filter(({ voter }) => voter).length ?? 0
    const wanting = new Map<number, number>()
    const missing = new Map<PeerId, number>()
    for (const members of views) {
      const wanted = wantedVoters(members, maxVoters)
      wanting.set(wanted, (wanting.get(wanted) ?? 0) + 1)
      for (const { peer, voter, online } of members)
        if (voter && !online) missing.set(peer, (missing.get(peer) ?? 0) + 1)
    }
    for (const [wanted, count] of wanting)
      if (wanted !== size && isSupermajority(count, size))
        world.fail('voter policy', `${size} voters rest where ${count} of them want ${wanted}`)
    for (const [peer, count] of missing)
      if (isSupermajority(count, size)) world.fail('voter policy', `${world.nameOf(peer)}, gone, is still a voter`)
  },
})

/** Whether the blocks added as many members under this slot's invitation as it has uses. */
export function isUsedUp({ scenario, ledger }: World, slot: number): boolean {
  const invitation = invitationOf(scenario, slot)
  if (invitation === undefined) return false
  const added = ledger.flatMap(({ observations }) =>
    observations.filter((one) => one.kind === 'add' && one.invitation?.id === invitation.id),
  )
  return added.length >= invitation.uses
}

/** Where an invitation is needed nobody is let in without one, nor more at a time than it has uses. */
export const invitations: CreateChecker = (world) => {
  if (world.scenario.invitations === undefined) return {}
  const cameWith = new Map<PeerId, InvitationUse>()
  return {
    onFirstBlock({ height, observations }) {
      for (const observation of observations) {
        if (observation.kind !== 'add') continue
        const { peer, invitation } = observation
        if (invitation === undefined)
          world.fail('invitations', `height ${height} lets ${world.nameOf(peer)} in without`)
        else cameWith.set(peer, invitation)
      }
    },
    onBlock(host, { height, observations }) {
      if (!observations.some(({ kind }) => kind === 'add')) return
      const members = new Map<string, number>()
      for (const { peer } of host.core().status().members) {
        const invitation = cameWith.get(peer)
        if (invitation === undefined) continue
        const count = (members.get(invitation.id) ?? 0) + 1
        members.set(invitation.id, count)
        if (count > invitation.uses)
          world.fail('invitations', `height ${height}: ${count} members under an invitation for ${invitation.uses}`)
      }
    },
  }
}
