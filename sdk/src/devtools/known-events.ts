/** Joins what a graph says about each of its events. */
import type { InspectedEvent, InspectedGraph, InspectedRole } from '../index.ts'
import type { KnownEvent } from './kinds.ts'

/** In the graph's order. */
export function knownEvents({ events, roles, blocks }: InspectedGraph): readonly KnownEvent[] {
  const rolesOf = new Map<string, InspectedRole[]>()
  for (const role of roles) {
    const own = rolesOf.get(role.event) ?? []
    rolesOf.set(role.event, own)
    own.push(role)
  }
  const finalIn = new Map(blocks.flatMap((block) => block.events.map((id) => [id, block.height] as const)))
  const siblings = new Map<string, number>()
  for (const event of events) siblings.set(siblingKey(event), (siblings.get(siblingKey(event)) ?? 0) + 1)
  return events.map((event) => ({
    event,
    roles: rolesOf.get(event.id) ?? [],
    finalIn: finalIn.get(event.id) ?? null,
    isFork: (siblings.get(siblingKey(event)) ?? 0) > 1,
  }))
}

/** Two events with the same one are the two sides of a fork. */
export function siblingKey({ creator, selfParent }: InspectedEvent): string {
  return `${creator} ${selfParent ?? ''}`
}
