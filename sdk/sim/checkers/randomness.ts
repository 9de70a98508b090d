/** The random value of a block is the same at all correct peers, and the voters let go of it once it was asked for. */
import type { Hash } from '../../src/core/gossip/event.ts'
import type { CreateChecker } from './checker.ts'

export const randomness: CreateChecker = (world) => ({
  atEnd(idle) {
    const values = new Map<number, Hash>()
    for (const host of world.hosts) {
      if (!world.isCorrect(host.slot) || !host.isRunning()) continue
      const name = world.nameOf(host.identity())
      const core = host.core()
      const isMember = core.status().membership === 'voter' || core.status().membership === 'member'
      for (const [height, source] of core.ordering.state.coin.draws) {
        const random = core.randomness(height)
        if (random === null) {
          const isOwed = source !== 'pending' && idle && isMember && world.livenessIsPromised()
          if (isOwed) world.fail('randomness', `${name} has no random value of block ${height}`)
          continue
        }
        const other = values.get(height)
        values.set(height, random.value)
        if (other !== undefined && other !== random.value)
          world.fail('randomness', `${name} has another random value of block ${height}`)
      }
    }
  },
})
