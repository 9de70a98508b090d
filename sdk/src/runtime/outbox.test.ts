import { expect, test } from 'vitest'
import { unchecked } from '../../sim/spelled-out.ts'
import type { PeerMessage, SealedEvent } from '../wire/index.ts'
import { createOutbox } from './outbox.ts'

const [A, B] = ['a', 'b'].map((name) => name.repeat(64)) as [string, string]
const [one, two] = ['1', '2'].map((name) => name.repeat(64)) as [string, string]

function open() {
  const sent: { to: string; message: PeerMessage }[] = []
  const outbox = createOutbox({
    sealed: (id) => ({ event: { id } }) as SealedEvent,
    vouched: (statement) => ({ kind: 'links', statement: unchecked(statement) }),
    load: async () => [],
    send: (to, message) => void sent.push({ to, message }),
    overrun: () => {},
    failed: () => {},
  })
  return { outbox, sent }
}

test('several peers are sent the same events as one and the same message, which is then encoded once', () => {
  const { outbox, sent } = open()
  for (const to of [A, B]) outbox.put(to, { kind: 'events', events: [one, two], more: false })
  expect(sent.map(({ to }) => to)).toEqual([A, B])
  expect(sent[1]?.message).toBe(sent[0]?.message)
})

test.each([
  { what: 'other events', events: [two, one], more: false },
  { what: 'fewer events', events: [one], more: false },
  { what: 'word of more to come', events: [one, two], more: true },
])('$what are another message', ({ events, more }) => {
  const { outbox, sent } = open()
  outbox.put(A, { kind: 'events', events: [one, two], more: false })
  outbox.put(B, { kind: 'events', events, more })
  expect(sent[1]?.message).toMatchObject({ events: events.map((id) => ({ event: { id } })), more })
})
