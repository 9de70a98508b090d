import type { Malice } from 'parsec-web'
import { expect, test } from 'vitest'
import { blockOf } from './fixtures.ts'
import { expelledIn, withProof, withRemovals } from './trials.ts'

const fork: Malice = { kind: 'fork', accused: 'eve', evidence: ['e1', 'e2'] }
const expulsion = blockOf(7, { changes: [{ kind: 'expel', peer: 'eve' }] })

test('a trial goes from the first proof to the block that removes the accused', () => {
  const proven = withProof(withProof([], fork, 10), { kind: 'accomplice', accused: 'eve', evidence: ['a', 'b'] }, 20)
  expect(proven).toEqual([{ accused: 'eve', kind: 'fork', provenMs: 10, removal: null }])
  expect(withRemovals(proven, blockOf(6), 25)).toEqual(proven)
  expect(withRemovals(proven, expulsion, 30)).toEqual([
    { accused: 'eve', kind: 'fork', provenMs: 10, removal: { height: 7, knownMs: 30 } },
  ])
})

test('whoever is accused is expelled once a block says so', () => {
  const proven = withProof([], fork, 10)
  expect([...expelledIn(proven)]).toEqual([])
  expect([...expelledIn(withRemovals(proven, expulsion, 30))]).toEqual(['eve'])
})

test('of a removal from before nothing more is known', () => {
  expect(withRemovals([], expulsion, null)).toEqual([
    { accused: 'eve', kind: null, provenMs: null, removal: { height: 7, knownMs: null } },
  ])
})
