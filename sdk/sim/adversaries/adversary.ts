/**
 * The frame of the adversaries. Every one of them runs a real core under its own key and meddles with what goes in
 * and out. None can sign for a correct peer, break a hash, or keep two correct peers from ever exchanging messages;
 * all of them may share what they know. Each file states at its head what its adversary can and cannot do.
 */
import type { EventContent, EventId, GossipEvent, PeerId } from '../../src/core/gossip/event.ts'
import type { GossipMessage } from '../../src/core/io.ts'
import type { Parsec } from '../../src/core/options.ts'
import type { Observation } from '../../src/core/section/observation.ts'
import type { Engine } from '../engine.ts'
import type { Host, Tamper } from '../process/host-port.ts'
import type { Random } from '../random.ts'
import type { Registry } from '../registry.ts'
import { epochMs } from '../scenario.ts'

export interface AdversaryContext {
  readonly host: Host
  readonly engine: Engine
  readonly random: Random
  readonly registry: Registry
  readonly deltaMs: number
  /** When extras end; the core under the adversary goes on. */
  readonly activeMs: number
  readonly createCore: (self: PeerId) => Parsec
  nowMs(): number
}

/** Any of the three parts may be left out. */
export type Adversary = Partial<Tamper>

/** Repeats `act` at random intervals around `everyDelta` δ while the adversary's time lasts. */
export function repeatedly(context: AdversaryContext, everyDelta: number, act: () => void): void {
  const next = () => {
    const waitMs = context.deltaMs * everyDelta * (0.5 + context.random.float())
    if (context.engine.now() + waitMs > context.activeMs) return
    context.engine.after(waitMs, () => {
      if (context.host.isRunning()) act()
      next()
    })
  }
  next()
}

export function ownEvents({ host }: AdversaryContext): readonly GossipEvent[] {
  return host.stored().filter((event) => event.creator === host.identity())
}

/** What the creator of `event` would say right after it, with nothing new. */
export function successor(
  context: AdversaryContext,
  event: GossipEvent,
  body?: Partial<EventContent['body']>,
): EventContent {
  return {
    sectionId: event.sectionId,
    creator: event.creator,
    seq: event.seq + 1,
    selfParent: event.id,
    otherParents: [],
    createdAtMs: context.nowMs(),
    attest: event.attest,
    body: { transactions: body?.transactions ?? [], observations: body?.observations ?? [] },
  }
}

/** The same place in the chain, something else in it. */
export function sibling(context: AdversaryContext, event: GossipEvent, label: string): GossipEvent {
  const { id: _, ...content } = event
  return context.registry.sign({
    ...content,
    createdAtMs: content.createdAtMs + 1,
    body: { ...content.body, transactions: [...content.body.transactions, new TextEncoder().encode(label)] },
  })
}

/** Makes a forged event the adversary's own last one, as if its core had drafted it, and tells everybody. */
export function adopt(context: AdversaryContext, content: EventContent): GossipEvent {
  const event = context.registry.sign(content)
  const { host } = context
  host.rebuild([...host.stored(), event])
  broadcast(context, { kind: 'events', events: [event], more: false })
  return event
}

export function broadcast({ host }: AdversaryContext, message: GossipMessage): void {
  for (const peer of host.connectedPeers()) host.sendRaw(peer, message)
}

export const observationsOf = (events: readonly GossipEvent[]): readonly Observation[] =>
  events.flatMap((event) => event.body.observations)

export function randomId(random: Random): EventId {
  return Array.from({ length: 8 }, () => random.int(0, 0xffffffff).toString(16).padStart(8, '0')).join('')
}

export const virtualNowMs = (engine: Engine) => epochMs + Math.floor(engine.now())
