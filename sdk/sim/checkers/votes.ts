/** A vote is final exactly when a supermajority of the voters voted for the very same bytes, and at most once. */
import type { PeerId } from '../../src/core/gossip/event.ts'
import type { Observation } from '../../src/core/section/observation.ts'
import { isSupermajority } from '../../src/core/thresholds.ts'
import type { CreateChecker, World } from './checker.ts'

const utf8 = new TextDecoder()
const votedFor = (observation: Observation) => (observation.kind === 'vote' ? utf8.decode(observation.value) : null)

/** Who signed an event that votes for what, by value. */
function votesSigned(world: World): Map<string, Set<PeerId>> {
  const votes = new Map<string, Set<PeerId>>()
  for (const { creator, body } of world.registry.events()) {
    for (const observation of body.observations) {
      const value = votedFor(observation)
      if (value === null) continue
      const voters = votes.get(value)
      if (voters === undefined) votes.set(value, new Set([creator]))
      else voters.add(creator)
    }
  }
  return votes
}

export const votes: CreateChecker = (world) => {
  const final = new Set<string>()

  /** What the voters that are left hold enough votes for, as stored by one of them, is final. */
  function checkHeld(): void {
    const host = world.hosts.find(
      (one) => world.isCorrect(one.slot) && one.isRunning() && one.core().status().membership === 'voter',
    )
    if (host === undefined) return
    const voters = new Set(
      host
        .core()
        .status()
        .members.flatMap(({ peer, voter }) => (voter ? [peer] : [])),
    )
    const held = new Map<string, Set<PeerId>>()
    for (const { creator, body } of host.stored()) {
      for (const observation of body.observations) {
        const value = votedFor(observation)
        if (value !== null && voters.has(creator)) held.set(value, (held.get(value) ?? new Set()).add(creator))
      }
    }
    for (const [value, by] of held) {
      if (isSupermajority(by.size, voters.size) && !final.has(value))
        world.fail('votes', `“${value}” has ${by.size} votes of ${voters.size} and is not final`)
    }
  }

  return {
    onFirstBlock(block) {
      const values = block.observations.map(votedFor).filter((value) => value !== null)
      if (values.length === 0) return
      const signed = votesSigned(world)
      for (const value of values) {
        if (final.has(value)) world.fail('votes', `height ${block.height}: “${value}” is final twice`)
        final.add(value)
        const count = block.voters.filter((voter) => signed.get(value)?.has(voter)).length
        if (!isSupermajority(count, block.voters.length))
          world.fail('votes', `height ${block.height}: “${value}” with ${count} of ${block.voters.length} votes`)
      }
    },
    atEnd(idle) {
      if (!idle || !world.livenessIsPromised()) return
      checkHeld()
      const signed = votesSigned(world)
      for (const { peer, value } of world.owedVotes()) {
        if (!final.has(value) && !signed.get(value)?.has(peer))
          world.fail('votes', `${world.nameOf(peer)} never voted “${value}”`)
      }
    },
  }
}
