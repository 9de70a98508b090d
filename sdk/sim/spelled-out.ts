/**
 * What a host does for a core that names events and leaves it to sign statements: puts the events' content in the place
 * of their ids, and signed statements in the place of those that are not. Imports core types only.
 */
import type { EventId, GossipEvent } from '../src/core/gossip/event.ts'
import type { LinkStatement, SignedLinks } from '../src/core/gossip/topology.ts'
import type { GossipMessage, OutgoingMessage } from '../src/core/io.ts'

/** For worlds in which nobody checks, and for statements that nobody signed: no core looks at a signature. */
export const unchecked = (statement: LinkStatement): SignedLinks => ({ ...statement, signature: new Uint8Array() })

export function spelledOut(
  message: OutgoingMessage,
  eventOf: (id: EventId) => GossipEvent | undefined,
  sign: (statement: LinkStatement) => SignedLinks = unchecked,
): GossipMessage {
  if (message.kind === 'links') {
    const { statement } = message
    return { kind: 'links', statement: 'signature' in statement ? statement : sign(statement) }
  }
  if (message.kind !== 'events') return message
  const events = message.events.map((id) => {
    const event = eventOf(id)
    if (!event) throw new Error(`an event is sent that is not known: ${id}`)
    return event
  })
  return { ...message, events }
}
