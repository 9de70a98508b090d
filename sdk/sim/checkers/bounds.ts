/** No exception escapes a step, no alarm goes off, no buffer grows without bound, no correct peer's event is refused. */
import { KEPT_ELECTIONS, RECOMPUTED_MAX } from '../../src/core/section/rounds.ts'
import type { Host } from '../process/host-port.ts'
import type { CreateChecker } from './checker.ts'

/** Events a core may hold back because a parent is missing. */
const waitingMax = 10_000
/** Event copies in one Output: a catch-up in one message is fine, an avalanche is not. */
const copiesPerOutputMax = 200_000

export const noException: CreateChecker = (world) => ({
  onException(host, input, error) {
    const what =
      error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 4).join(' ') : String(error)
    world.fail('no exception', `${world.nameOf(host.identity())} on ${input.kind}: ${what}`)
  },
  onOutput(host, _input, output) {
    if (output.alarm !== null) world.fail('no alarm', `${world.nameOf(host.identity())}: ${output.alarm}`)
  },
})

export const boundedBuffers: CreateChecker = (world) => {
  const steps = new Map<Host, number>()
  return {
    onOutput(host, _input, output) {
      const copies = output.send.reduce(
        (sum, { message }) => sum + (message.kind === 'events' ? message.events.length : 1),
        0,
      )
      if (copies > copiesPerOutputMax) world.fail('bounded buffers', `${copies} copies in one Output`)
      const step = (steps.get(host) ?? 0) + 1
      steps.set(host, step)
      if (step % 64 !== 0) return
      const { waiting } = host.core().status()
      if (waiting > waitingMax)
        world.fail('bounded buffers', `${waiting} events wait at ${world.nameOf(host.identity())}`)
    },
    atEnd(idle) {
      if (!idle) return
      for (const host of world.hosts) {
        if (!world.isCorrect(host.slot) || !host.isRunning()) continue
        const { waiting } = host.core().status()
        if (waiting > 0)
          world.fail('bounded buffers', `${waiting} events wait for ever at ${world.nameOf(host.identity())}`)
      }
    },
  }
}

/**
 * What is kept does not grow with the history: of decided elections the last few, of transactions those that no block
 * orders, and what events say as long as it may be asked for.
 */
export const boundedMemory: CreateChecker = (world) => {
  const steps = new Map<Host, number>()
  return {
    onOutput(host) {
      const step = (steps.get(host) ?? 0) + 1
      steps.set(host, step)
      if (step % 64 !== 0) return
      const { ordering } = host.core()
      const { elections, contents, transactions, recentEvents } = ordering.kept()
      const fail = (what: string) => world.fail('bounded memory', `${world.nameOf(host.identity())} keeps ${what}`)
      if (elections > KEPT_ELECTIONS + 1 + RECOMPUTED_MAX) fail(`${elections} elections`)
      let undecided = 0
      let open = 0
      for (const vertex of ordering.graph.vertices) {
        const content = ordering.contentOf(vertex)
        if (!content || vertex.seq <= (ordering.state.decidedUpTo[vertex.branch] ?? -1)) continue
        open++
        undecided += ordering.transactionsOf(vertex)
      }
      if (transactions > undecided) fail(`${transactions} transactions, of which ${undecided} are not decided`)
      if (contents > open + recentEvents) fail(`what ${contents} events say, of which ${open} are not decided`)
    },
  }
}

/** Well-formedness is a function of an event's ancestry, so that what one correct peer creates every other accepts. */
export const noFalseRejection: CreateChecker = (world) => ({
  onOutput(host, _input, output) {
    for (const { event, reason } of output.rejections) {
      // Not verdicts: the event may come again.
      if (reason === 'tooManyWaiting' || reason === 'missingParents') continue
      const creator = world.registry.get(event)?.creator
      if (creator !== undefined && world.isCorrectPeer(creator))
        world.fail(
          'no false rejection',
          `${world.nameOf(host.identity())} refuses an event of ${world.nameOf(creator)}: ${reason}`,
        )
    }
  },
})
