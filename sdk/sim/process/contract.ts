/**
 * The protocol's own conditions: at most f of the voters misbehave or are gone. A scenario draws its faults before it
 * is known who votes when, so faults that would break the conditions are skipped, and a run in which they broke
 * nevertheless (a quorum demoted voters that only slept) is given up and counted apart.
 */
import type { PeerId } from '../../src/core/gossip/event.ts'
import { faultsTolerated, isSupermajority } from '../../src/core/thresholds.ts'
import type { Scenario } from '../scenario.ts'
import type { Host } from './host-port.ts'

export interface ContractOptions {
  readonly scenario: Scenario
  readonly hosts: readonly Host[]
  readonly isCorrect: (slot: number) => boolean
  readonly founders: readonly PeerId[]
  readonly slotOf: (peer: PeerId) => number | undefined
}

export interface Contract {
  /** Looks at the voters that a correct host sees after a change. */
  review(host: Host): void
  isBroken(): boolean
  mayFailForGood(slot: number): boolean
  livenessIsPromised(): boolean
  /** Whether correct voters that are up to `isLinked` make a supermajority. */
  meetsQuorum(host: Host, isLinked: (slot: number) => boolean): boolean
}

/** The largest 3f+1 that so many members allow (the voter policy). */
const grownVoters = (members: number, maxVoters: number) => {
  const most = Math.min(members, maxVoters)
  return most < 4 ? 1 : most - ((most - 1) % 3)
}

export function createContract({ scenario, hosts, isCorrect, founders, slotOf }: ContractOptions): Contract {
  let broken = false

  function newest(): Host | null {
    const running = hosts.filter((host) => isCorrect(host.slot) && host.isRunning())
    const heights = running.map((host) => host.core().status().height)
    return running[heights.indexOf(Math.max(...heights))] ?? null
  }

  function membersNow(): { peer: PeerId; voter: boolean }[] {
    const members = newest()?.core().status().members ?? []
    return members.length > 0 ? [...members] : founders.map((peer) => ({ peer, voter: true }))
  }

  const isAdversary = (peer: PeerId) => {
    const slot = slotOf(peer)
    return slot === undefined || !isCorrect(slot)
  }
  /** The key is in use by a process that runs now. */
  const isPresent = (peer: PeerId) => {
    const host = hosts[slotOf(peer) ?? -1]
    return host?.isRunning() === true && host.identity() === peer && !host.hasLeft()
  }

  const lost = (peers: readonly PeerId[], going: PeerId | null) =>
    peers.filter((peer) => isAdversary(peer) || !isPresent(peer) || peer === going).length

  return {
    review(host) {
      const voters = host
        .core()
        .status()
        .members.filter((member) => member.voter)
        .map((member) => member.peer)
      if (voters.length > 0 && voters.filter(isAdversary).length > faultsTolerated(voters.length)) broken = true
    },
    isBroken: () => broken,
    mayFailForGood(slot) {
      const going = (hosts[slot] as Host).identity()
      const members = membersNow()
      const voters = members.filter((member) => member.voter).map((member) => member.peer)
      const all = members.map((member) => member.peer)
      if (lost(voters, going) > faultsTolerated(voters.length)) return false
      const adversaries = all.filter(isAdversary).length
      const staying = all.filter((peer) => isPresent(peer) && peer !== going).length
      if (scenario.genesis === 'grow') return adversaries <= faultsTolerated(grownVoters(staying, scenario.maxVoters))
      // Without the policy the gone stay voters, but for a leaver and the expelled.
      return lost(voters, going) <= faultsTolerated(voters.length - 1) || adversaries === 0
    },
    meetsQuorum(host, isLinked) {
      const voters = membersNow()
        .filter((member) => member.voter)
        .map((member) => member.peer)
      const met = voters.filter((peer) => {
        const slot = slotOf(peer)
        if (slot === undefined || isAdversary(peer) || !isPresent(peer)) return false
        return slot === host.slot || isLinked(slot)
      })
      return isSupermajority(met.length, voters.length)
    },
    livenessIsPromised() {
      const voters = membersNow()
        .filter((member) => member.voter)
        .map((member) => member.peer)
      return !broken && newest() !== null && lost(voters, null) <= faultsTolerated(voters.length)
    },
  }
}
