/** No correct peer is ever accused; whatever malice one correct peer can prove ends in its author's removal everywhere. */
import type { PeerId } from '../../src/core/gossip/event.ts'
import type { Observation } from '../../src/core/section/observation.ts'
import type { CreateChecker } from './checker.ts'

export const noFalseAccusation: CreateChecker = (world) => {
  function checkAll(observations: readonly Observation[], where: string): void {
    for (const observation of observations) {
      if (observation.kind === 'expel' && world.isCorrectPeer(observation.peer))
        world.fail('no false accusation', `${where} expels ${world.nameOf(observation.peer)}, correct`)
      if (observation.kind !== 'accusation' || !world.isCorrectPeer(observation.accused)) continue
      world.fail(
        'no false accusation',
        `${where} accuses ${world.nameOf(observation.accused)}, correct, of ${observation.malice}`,
      )
    }
  }
  return {
    onSigned: (host, event) => checkAll(event.body.observations, world.nameOf(host.identity())),
    onFirstBlock: (block) => checkAll(block.observations, `block ${block.height}`),
    onOutput(host, _input, output) {
      for (const malice of output.evidence) {
        if (world.isCorrectPeer(malice.accused))
          world.fail(
            'no false accusation',
            `${world.nameOf(host.identity())} holds evidence of ${malice.kind} against ${world.nameOf(malice.accused)}, correct`,
          )
      }
    },
  }
}

export const maliceRemoved: CreateChecker = (world) => {
  const proven = new Map<PeerId, string>()
  return {
    onOutput(_host, _input, output) {
      for (const malice of output.evidence) if (!proven.has(malice.accused)) proven.set(malice.accused, malice.kind)
    },
    atEnd(idle) {
      if (!idle || !world.livenessIsPromised()) return
      for (const host of world.hosts) {
        if (!world.isCorrect(host.slot) || !host.isRunning()) continue
        const { members, membership } = host.core().status()
        if (membership !== 'voter' && membership !== 'member') continue
        const still = members.find((member) => proven.has(member.peer))
        if (still !== undefined)
          world.fail(
            'malice removed',
            `${world.nameOf(still.peer)} is still a member at ${world.nameOf(host.identity())} after ${proven.get(still.peer)}`,
          )
      }
    },
  }
}
