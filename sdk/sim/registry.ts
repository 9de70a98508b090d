/**
 * Stands for the signatures: knows every event that was ever signed, by its id, and every statement of links. The edge of
 * a host accepts either only if it is the very object that was signed; nobody signs for a peer whose key it does not hold.
 */
import type { EventContent, EventId, GossipEvent, PeerId } from '../src/core/gossip/event.ts'
import type { LinkStatement, SignedLinks } from '../src/core/gossip/topology.ts'
import type { Hashing } from '../src/core/io.ts'
import { unchecked } from './spelled-out.ts'

export interface Registry {
  /** Signs and remembers; the same content again gives the same event. */
  sign(content: EventContent): GossipEvent
  /** For an event that a core drafted. Asserts that its id is its hash. */
  signDraft(draft: GossipEvent): GossipEvent
  get(id: EventId): GossipEvent | undefined
  isGenuine(event: GossipEvent): boolean
  /** Of one who states its own links; the same statement again gives the same object. */
  signLinks(statement: LinkStatement): SignedLinks
  isGenuineStatement(statement: SignedLinks): boolean
  /** All events by one creator and number; more than one is a fork (as long as there is no sequence to tell branches apart). */
  at(creator: PeerId, seq: number): readonly GossipEvent[]
  /** In the order of signing. */
  events(): Iterable<GossipEvent>
  size(): number
}

function frozen(event: GossipEvent): GossipEvent {
  Object.freeze(event.otherParents)
  Object.freeze(event.attest)
  Object.freeze(event.body.transactions)
  Object.freeze(event.body.observations)
  Object.freeze(event.body)
  return Object.freeze(event)
}

export function createRegistry(hashing: Hashing): Registry {
  const events = new Map<EventId, GossipEvent>()
  const bySeq = new Map<string, GossipEvent[]>()
  const statements = new WeakMap<LinkStatement, SignedLinks>()
  const genuine = new WeakSet<SignedLinks>()

  function remember(event: GossipEvent): GossipEvent {
    const known = events.get(event.id)
    if (known !== undefined) return known
    const signed = frozen(event)
    events.set(signed.id, signed)
    const key = `${signed.creator}/${signed.seq}`
    const siblings = bySeq.get(key)
    if (siblings === undefined) bySeq.set(key, [signed])
    else siblings.push(signed)
    return signed
  }

  return {
    sign: (content) => remember({ ...content, id: hashing.event(content) }),
    signDraft(draft) {
      if (hashing.event(draft) !== draft.id) throw new Error('the draft’s id is not its hash')
      return remember(draft)
    },
    get: (id) => events.get(id),
    isGenuine: (event) => events.get(event.id) === event,
    signLinks(statement) {
      const signed = statements.get(statement) ?? unchecked(statement)
      statements.set(statement, signed)
      genuine.add(signed)
      return signed
    },
    isGenuineStatement: (statement) => genuine.has(statement),
    at: (creator, seq) => bySeq.get(`${creator}/${seq}`) ?? [],
    events: () => events.values(),
    size: () => events.size,
  }
}
