/**
 * Sends selectively: leaves out some peers, some parents, some answers.
 * Can: keep what only it has from whom it likes, for as long as it likes. Cannot: keep correct peers, who relay and
 * fetch from each other, from what another correct peer has.
 */
import type { GossipMessage } from '../../src/core/io.ts'
import type { Adversary, AdversaryContext } from './adversary.ts'

export function withholding({ random, engine, activeMs }: AdversaryContext): Adversary {
  const dropSend = random.float() * 0.7
  const dropEvent = random.float() * 0.5
  const answersWants = random.chance(0.5)
  const thinned = (message: GossipMessage): GossipMessage =>
    message.kind === 'events' ? { ...message, events: message.events.filter(() => !random.chance(dropEvent)) } : message
  return {
    outgoing(sends) {
      if (engine.now() > activeMs) return sends
      return sends.filter(() => !random.chance(dropSend)).map(({ to, message }) => ({ to, message: thinned(message) }))
    },
    incoming: (_from, message) =>
      message.kind === 'want' && !answersWants && engine.now() < activeMs ? null : message,
  }
}
