/** What a host does for a core that names events: puts their content in the place of their ids. Imports core types only. */
import type { EventId, GossipEvent } from '../src/core/gossip/event.ts'
import type { GossipMessage, OutgoingMessage } from '../src/core/io.ts'

export function spelledOut(message: OutgoingMessage, eventOf: (id: EventId) => GossipEvent | undefined): GossipMessage {
  if (message.kind !== 'events') return message
  const events = message.events.map((id) => {
    const event = eventOf(id)
    if (!event) throw new Error(`an event is sent that is not known: ${id}`)
    return event
  })
  return { ...message, events }
}
