/**
 * A core that betrays on command: in the place of one event it signs two, and shows each half of its neighbours another
 * one. The demo is built with it in the place of the SDK's own core; no build for users contains it.
 *
 * Only what the command asks for is malicious: before and after it, this is the SDK's core and nothing else.
 */
import type { GossipEvent, PeerId } from '../../sdk/src/core/gossip/event.ts'
import type { Input, Output } from '../../sdk/src/core/io.ts'
import type { Parsec, ParsecOptions } from '../../sdk/src/core/options.ts'
import { createParsec as createHonest } from '../../sdk/src/core/parsec.ts'
import {
  createIdentifier,
  decodeValue,
  encodeTransaction,
  holdsValue,
  NONCE_BYTES,
} from '../../sdk/src/runtime/value.ts'
import { lieIn } from './treason.ts'

/** What the SDK's engine is built with in the demo. */
export function createParsec(options: ParsecOptions): Parsec {
  const honest = createHonest(options)
  // What the twin of the next event that carries transactions shall say; undefined: it has none.
  let lie: unknown

  function step(input: Input, more?: boolean): Output {
    if (input.kind === 'submit') lie ??= input.transactions.map(lieOf).find((told) => told !== undefined)
    const output = honest.step(input, more)
    const event = output.drafts.findLast(({ body }) => body.transactions.length > 0)
    if (lie === undefined || !event) return output
    const twin = twinOf(event, lie, options)
    lie = undefined
    return withTwin(output, event, twin, honest.step(received(twin, input.nowMs), true))
  }

  // Not a copy: what is read off the core changes with it.
  return Object.assign(Object.create(honest) as Parsec, { step })
}

function lieOf(transaction: Uint8Array): unknown {
  return holdsValue(transaction) ? lieIn(decodeValue(transaction, 0, transaction.length)) : undefined
}

/** Same creator, same place, other transactions: a fork (RFC 0050). */
function twinOf(event: GossipEvent, lie: unknown, { hashing, self }: ParsecOptions): GossipEvent {
  const { id: _, ...content } = event
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
  const body = { ...content.body, transactions: [encodeTransaction(createIdentifier(self), nonce, lie).bytes] }
  const twin = { ...content, body }
  return { ...twin, id: hashing.event(twin) }
}

/** So that it is signed, kept, and answered for when others ask for it. */
function received(twin: GossipEvent, nowMs: number): Input {
  return { kind: 'message', nowMs, from: twin.creator, message: { kind: 'events', events: [twin], more: false } }
}

function withTwin(first: Output, event: GossipEvent, twin: GossipEvent, second: Output): Output {
  return {
    ...second,
    drafts: [...first.drafts, twin, ...second.drafts],
    persist: [...first.persist, ...second.persist],
    send: [...split(first.send, event, twin), ...second.send],
    blocks: [...first.blocks, ...second.blocks],
    rejections: [...first.rejections, ...second.rejections],
    evidence: [...first.evidence, ...second.evidence],
  }
}

/** Every second neighbour is shown the twin. */
function split(sends: Output['send'], event: GossipEvent, twin: GossipEvent): Output['send'] {
  const deceived = new Set<PeerId>([...new Set(sends.map(({ to }) => to))].filter((_, index) => index % 2 === 1))
  return sends.map(({ to, message }) => {
    if (message.kind !== 'events' || !deceived.has(to)) return { to, message }
    return { to, message: { ...message, events: message.events.map((id) => (id === event.id ? twin.id : id)) } }
  })
}
