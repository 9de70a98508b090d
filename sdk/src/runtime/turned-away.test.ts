import { expect, test } from 'vitest'
import { createTurnedAway, REFUSAL_PATIENCE_MS } from './turned-away.ts'

const asked = new Set(['a', 'b'])

test('is final once everybody that was asked has refused, and others had time to appear', () => {
  const turned = createTurnedAway()
  turned.refusedBy('a', 'notInvited', 0)
  expect(turned.isFinal(asked, REFUSAL_PATIENCE_MS)).toBe(false)
  turned.refusedBy('b', 'declined', 10)
  expect(turned.isFinal(asked, REFUSAL_PATIENCE_MS - 1)).toBe(false)
  expect(turned.isFinal(asked, REFUSAL_PATIENCE_MS)).toBe(true)
  expect(turned.latest).toBe('declined')
})

test('one who has not answered yet may still let us in', () => {
  const turned = createTurnedAway()
  turned.refusedBy('a', 'notInvited', 0)
  expect(turned.isFinal(new Set(['a', 'c']), 60_000)).toBe(false)
})

test('who is gone does not count, and the wait starts anew', () => {
  const turned = createTurnedAway()
  turned.refusedBy('a', 'notInvited', 0)
  turned.forget('a')
  expect([turned.latest, turned.isFinal(new Set(), 60_000)]).toEqual([null, false])
  turned.refusedBy('a', 'notInvited', 60_000)
  expect(turned.isFinal(new Set(['a']), 60_000)).toBe(false)
})
