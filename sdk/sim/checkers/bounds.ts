/** No exception escapes a step, no alarm goes off, no buffer grows without bound, no correct peer's event is refused. */
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
