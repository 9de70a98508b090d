/**
 * Listens and says nothing, from a random moment on, to all or to some.
 * Can: follow everything, so that others count on it. Cannot: be told from a crash by those it ignores.
 */
import type { PeerId } from '../../src/core/gossip/event.ts'
import type { Adversary, AdversaryContext } from './adversary.ts'

export function silence({ random, engine, activeMs }: AdversaryContext): Adversary {
  const fromMs = random.float() * activeMs
  const toAll = random.chance(0.5)
  const salt = random.int(0, 1)
  const ignored = (peer: PeerId) => toAll || Number.parseInt(peer.slice(0, 1), 16) % 2 === salt
  return {
    outgoing: (sends) => (engine.now() < fromMs ? sends : sends.filter((send) => !ignored(send.to))),
  }
}
