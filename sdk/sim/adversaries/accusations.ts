/**
 * Accuses correct peers with evidence that proves nothing, and leaves out the accusations that it owes (an
 * accomplice). Can: name any events as evidence and vote for any accusation. Cannot: fork in a correct peer's name.
 */
import type { GossipEvent } from '../../src/core/gossip/event.ts'
import type { Malice } from '../../src/core/malice/malice.ts'
import {
  type Adversary,
  type AdversaryContext,
  adopt,
  ownEvents,
  randomId,
  repeatedly,
  successor,
} from './adversary.ts'

const malices: readonly Malice['kind'][] = [
  'fork',
  'duplicateVote',
  'falseAttestation',
  'invalidAccusation',
  'accomplice',
]

export function accusations(context: AdversaryContext): Adversary {
  const { random, host } = context
  const slanders = random.chance(0.5)
  repeatedly(context, 15, () => {
    const last = ownEvents(context).at(-1)
    const others = host.stored().filter((event) => event.creator !== host.identity())
    if (last === undefined || others.length < 2) return
    if (slanders) {
      const victim = random.pick(others)
      const evidence = random.chance(0.2)
        ? [randomId(random)]
        : [victim.id, random.pick(others.filter((event) => event.creator === victim.creator)).id].sort()
      const accusation = {
        kind: 'accusation',
        accused: victim.creator,
        malice: random.pick(malices),
        evidence,
      } as const
      adopt(context, successor(context, last, { observations: [accusation] }))
      return
    }
    const news = latestUnseen(others, last, context)
    if (news !== null) adopt(context, { ...successor(context, last), otherParents: [news.id] })
  })
  return {}
}

/** The last stored event by somebody else that `last` does not descend from. */
function latestUnseen(
  others: readonly GossipEvent[],
  last: GossipEvent,
  context: AdversaryContext,
): GossipEvent | null {
  const seen = new Set<string>()
  const open = [last]
  for (let event = open.pop(); event !== undefined; event = open.pop()) {
    for (const id of event.selfParent === null ? event.otherParents : [event.selfParent, ...event.otherParents]) {
      const parent = context.registry.get(id)
      if (parent === undefined || seen.has(id)) continue
      seen.add(id)
      open.push(parent)
    }
  }
  return others.findLast((event) => !seen.has(event.id)) ?? null
}
