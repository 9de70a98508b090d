/**
 * Sends events that break a rule of well-formedness, under its own valid signature, and events whose signature or
 * body is not what was signed, mixed with good ones.
 * Can: break any rule that survives decoding. Cannot: have a correct peer accept one, or lose the good ones beside it.
 */
import type { EventContent, GossipEvent } from '../../src/core/gossip/event.ts'
import {
  type Adversary,
  type AdversaryContext,
  broadcast,
  ownEvents,
  randomId,
  repeatedly,
  successor,
} from './adversary.ts'

type Spoil = (
  next: EventContent,
  own: readonly GossipEvent[],
  others: readonly GossipEvent[],
  context: AdversaryContext,
) => EventContent

const spoils: readonly Spoil[] = [
  (next, _own, _others, { random }) => ({ ...next, sectionId: randomId(random) }),
  (next) => ({ ...next, seq: next.seq + 1 }),
  (next) => ({ ...next, seq: Math.max(0, next.seq - 1) }),
  (next, _own, others, { random }) => ({ ...next, selfParent: random.pick(others).id }),
  // Stale: an event that the self-parent descends from already.
  (next, own) => {
    const known = own.flatMap((event) => event.otherParents)[0]
    return known === undefined ? next : { ...next, otherParents: [known] }
  },
  (next, own, _others, { random }) => ({ ...next, otherParents: [random.pick(own).id] }),
  (next, _own, others, { random }) => {
    const one = random.pick(others)
    const again = random.pick(others.filter((event) => event.creator === one.creator))
    return { ...next, otherParents: [one.id, again.id] }
  },
  (next, _own, others, { random }) => ({
    ...next,
    otherParents: Array.from({ length: 60 }, () => random.pick(others).id),
  }),
  (next, _own, _others, { random }) => ({ ...next, otherParents: [randomId(random)] }),
  (next) => ({ ...next, createdAtMs: 0 }),
  (next) => ({ ...next, createdAtMs: Number.MAX_SAFE_INTEGER }),
  (next) => ({ ...next, selfParent: null, seq: 0 }),
]

export function malformed(context: AdversaryContext): Adversary {
  const { random, host, registry } = context
  repeatedly(context, 3, () => {
    const own = ownEvents(context)
    const others = host.stored().filter((event) => event.creator !== host.identity())
    const last = own.at(-1)
    if (last === undefined || others.length === 0) return
    const spoiled = registry.sign(random.pick(spoils)(successor(context, last), own, others, context))
    const victim = random.pick(others)
    const wrongBody = { ...victim, body: { transactions: [new Uint8Array([1])], observations: [] } }
    const wrongSignature = { ...successor(context, last), creator: victim.creator, id: randomId(random) }
    broadcast(context, { kind: 'events', events: [spoiled, wrongBody, wrongSignature, victim], more: false })
  })
  return {}
}
