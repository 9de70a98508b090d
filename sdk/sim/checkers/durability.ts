/** Nothing sent is ever contradicted: what is sent is stored with its ancestry first, and no number is used twice. */
import type { EventId, GossipEvent } from '../../src/core/gossip/event.ts'
import type { Host } from '../process/host-port.ts'
import type { CreateChecker } from './checker.ts'

const parentsOf = (event: GossipEvent): readonly EventId[] =>
  event.selfParent === null ? event.otherParents : [event.selfParent, ...event.otherParents]

export const durability: CreateChecker = (world) => {
  const stored = new Map<string, Set<EventId>>()
  const storeOf = (host: Host) => {
    const known = stored.get(host.identity())
    if (known !== undefined) return known
    const fresh = new Set<EventId>()
    stored.set(host.identity(), fresh)
    return fresh
  }
  return {
    onPersisted(host, events) {
      const store = storeOf(host)
      for (const event of events) {
        const missing = parentsOf(event).find((id) => !store.has(id))
        if (missing !== undefined)
          world.fail(
            'durability',
            `${world.nameOf(host.identity())} stores ${event.id.slice(0, 8)} without ${missing.slice(0, 8)}`,
          )
        store.add(event.id)
      }
    },
    onSend(host, _to, message) {
      if (message.kind !== 'events') return
      const store = storeOf(host)
      for (const event of message.events) {
        if (!store.has(event.id))
          world.fail('durability', `${world.nameOf(host.identity())} sends ${event.id.slice(0, 8)} before it is stored`)
      }
    },
  }
}

/** What was signed and neither stored nor sent may be said otherwise after a crash: nobody has seen it. */
export const noForkByACorrectPeer: CreateChecker = (world) => {
  const said = new Map<string, EventId>()
  function say(host: Host, events: readonly GossipEvent[]): void {
    for (const { id, creator, seq } of events) {
      if (creator !== host.identity()) continue
      const before = said.get(`${creator} ${seq}`) ?? id
      said.set(`${creator} ${seq}`, before)
      if (before !== id)
        world.fail('no fork by a correct peer', `${world.nameOf(creator)}, correct, has two events numbered ${seq}`)
    }
  }
  return {
    onPersisted: say,
    onSend(host, _to, message) {
      if (message.kind === 'events') say(host, message.events)
    },
  }
}
