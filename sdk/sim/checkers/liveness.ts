/** After everything healed: what was submitted is final everywhere, everybody who runs is a member, and nothing stirs. */

import { transactionKey } from '../workload.ts'
import type { CreateChecker } from './checker.ts'
import { isUsedUp } from './membership.ts'

/** A section at rest has been silent for at least this long when its time is up. */
const restDelta = 40

export const inclusion: CreateChecker = (world) => ({
  atEnd() {
    if (!world.livenessIsPromised()) return
    const final = new Set(
      world.ledger.flatMap((block) => block.items.flatMap((item) => item.transactions.map(transactionKey))),
    )
    const missing = world.owedTransactions().filter((key) => !final.has(key))
    if (missing.length > 0) world.fail('inclusion', `never final: ${missing.length}, the first “${missing[0]}”`)
    for (const host of world.hosts) {
      if (!world.isCorrect(host.slot) || !host.isRunning()) continue
      const { height, membership } = host.core().status()
      const name = world.nameOf(host.identity())
      if (host.hasLeft()) {
        if (membership !== 'removed' && membership !== 'outside')
          world.fail('inclusion', `${name} asked to leave and is a ${membership}`)
      } else if (membership === 'outside' && world.meetsQuorum(host) && !isUsedUp(world, host.slot))
        world.fail('inclusion', `${name} was never taken in`)
      else if (membership !== 'removed' && height < world.ledger.length)
        world.fail('inclusion', `${name} rests at height ${height} of ${world.ledger.length}`)
    }
  },
})

export const quiescence: CreateChecker = (world) => ({
  atEnd(idle) {
    if (idle || !world.livenessIsPromised()) return
    const silentMs = world.nowMs() - world.lastSignedMs()
    if (silentMs < restDelta * world.scenario.deltaMs)
      world.fail('quiescence', `events are still created ${Math.round(silentMs)} ms before the end`)
  },
})
