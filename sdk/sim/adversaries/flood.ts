/**
 * Makes others work: orphans by the hundred, wants and tips of ids that do not exist, wants of everything again and
 * again, links to nobody, falsehoods about the links of others, a long chain of empty events.
 * Can: send without pause, lie of its own links. Cannot: sign for others, send frames that decoding refuses (counts above
 * the limits of the wire).
 */
import type { GossipMessage } from '../../src/core/io.ts'
import { unchecked } from '../spelled-out.ts'
import {
  type Adversary,
  type AdversaryContext,
  broadcast,
  ownEvents,
  randomId,
  repeatedly,
  successor,
} from './adversary.ts'

export function flood(context: AdversaryContext): Adversary {
  const { random, host, registry } = context
  const ids = (count: number) => Array.from({ length: count }, () => randomId(random))

  function orphans(): GossipMessage {
    const last = ownEvents(context).at(-1)
    if (last === undefined) return { kind: 'tips', tips: ids(50) }
    const lost = ids(100).map((selfParent, index) =>
      registry.sign({ ...successor(context, last), selfParent, seq: last.seq + 5 + index }),
    )
    return { kind: 'events', events: lost, more: false }
  }

  function emptyChain(): GossipMessage {
    let last = ownEvents(context).at(-1)
    if (last === undefined) return { kind: 'tips', tips: [] }
    const chain = []
    for (let length = 0; length < 30; length++) {
      last = registry.sign(successor(context, last))
      chain.push(last)
    }
    host.rebuild([...host.stored(), ...chain])
    return { kind: 'events', events: chain, more: false }
  }

  const volleys: readonly (() => GossipMessage)[] = [
    orphans,
    () => ({ kind: 'want', ids: ids(100), tips: [] }),
    () => ({
      kind: 'want',
      ids: host
        .stored()
        .map((event) => event.id)
        .slice(-100),
      tips: [],
    }),
    () => ({ kind: 'tips', tips: ids(64) }),
    () => ({ kind: 'tips', tips: [] }),
    () => {
      const own = { of: host.identity(), sinceMs: context.nowMs(), peers: ids(64) }
      return { kind: 'links', statement: registry.signLinks(own) }
    },
    () => {
      // Of others, and later than what they say themselves.
      const of = host.stored().at(-1)?.creator ?? randomId(random)
      return { kind: 'links', statement: unchecked({ of, sinceMs: 2 * context.nowMs(), peers: ids(3) }) }
    },
    () => ({ kind: 'events', events: host.stored().slice(-200), more: false }),
    () => ({ kind: 'events', events: [], more: true }),
    emptyChain,
  ]
  repeatedly(context, 2, () => broadcast(context, random.pick(volleys)()))
  return {}
}
