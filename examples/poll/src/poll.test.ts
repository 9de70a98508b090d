import type { Context } from 'parsec-web/replica'
import { expect, test } from 'vitest'
import { type Action, countOf, type Poll, poll } from './poll.ts'

const context: Context = { height: 1, timeMs: 0, voters: [], members: [], randomness: null }
const question: Action = { kind: 'ask', question: 'Tea?', answers: ['yes', 'no'] }

/** The state after these, and what was said to the last of them. */
function after(...actions: readonly [string, unknown][]): { state: Poll; said: string } {
  let state = poll.initial as Poll
  let said = ''
  for (const [creator, value] of actions) {
    const applied = poll.apply(state, { id: 'x', creator, value }, context)
    said = applied.kind === 'rejected' ? applied.reason : applied.kind
    if (applied.kind === 'accepted') state = applied.state
  }
  return { state, said }
}

test('a second voice of the same member is refused, whatever it says', () => {
  const { state, said } = after(
    ['ann', question],
    ['ben', { kind: 'vote', answer: 0 }],
    ['ben', { kind: 'vote', answer: 1 }],
  )
  expect(said).toBe('alreadyVoted')
  expect([countOf(state, 0), countOf(state, 1)]).toEqual([1, 0])
})

test('only who asked closes the poll, and then no voice counts', () => {
  expect(after(['ann', question], ['ben', { kind: 'close' }]).said).toBe('notTheAsker')
  expect(after(['ann', question], ['ann', { kind: 'close' }], ['ben', { kind: 'vote', answer: 0 }]).said).toBe('closed')
})

test('there is one question, and only its answers are voted for', () => {
  expect(after(['ben', { kind: 'vote', answer: 0 }]).said).toBe('nothingAsked')
  expect(after(['ann', question], ['ben', question]).said).toBe('alreadyAsked')
  expect(after(['ann', question], ['ben', { kind: 'vote', answer: 2 }]).said).toBe('noSuchAnswer')
})

test.each([
  null,
  'vote',
  { kind: 'vote', answer: -1 },
  { kind: 'vote', answer: 0.5 },
  { kind: 'vote', answer: '0' },
  { kind: 'ask', question: '', answers: ['a', 'b'] },
  { kind: 'ask', question: 'q', answers: ['a'] },
  { kind: 'ask', question: 'q', answers: ['a', 7] },
  { kind: 'ask', question: 'q', answers: Array(9).fill('a') },
  { kind: 'ask', question: 'q'.repeat(201), answers: ['a', 'b'] },
])('%o is no action', (value) => {
  expect(after(['ann', value]).said).toBe('malformed')
})
