/**
 * Votes again for what it voted for already, in a later event and twice in one event.
 * Can: repeat any of its votes. Cannot: do so without a provable pair of events on its chain.
 */
import {
  type Adversary,
  type AdversaryContext,
  adopt,
  observationsOf,
  ownEvents,
  repeatedly,
  successor,
} from './adversary.ts'

export function duplicateVote(context: AdversaryContext): Adversary {
  repeatedly(context, 15, () => {
    const own = ownEvents(context)
    const last = own.at(-1)
    if (last === undefined) return
    const cast = observationsOf(own)
    const fresh = { kind: 'vote', value: new TextEncoder().encode(`vote of ${context.host.slot}`) } as const
    const vote = cast.length > 0 ? context.random.pick(cast) : fresh
    const observations = context.random.chance(0.2) ? [vote, vote] : [vote]
    adopt(context, successor(context, last, { observations }))
  })
  return {}
}
