import { describe, expect, test } from 'vitest'
import { testGenesis } from '../../../test/notation.ts'
import { desiredVoters, isAcceptable, proposeVoters, voterCountFor } from './policy.ts'
import { type AgreedState, genesisState } from './state.ts'

/** A section whose members are given in order of seniority. */
function section(members: string, voters: string, maxVoters = 13): AgreedState {
  const state = genesisState({ ...testGenesis([...voters]), maxVoters }, 'section')
  return { ...state, members: new Map([...members].map((name, i) => [name, i])), voters: [...voters], votersSince: 5 }
}

const online = (names: string) => (peer: string) => names.includes(peer)
const voters = (promote: string, demote: string, since = 5) =>
  ({ kind: 'voters', promote: [...promote], demote: [...demote], since }) as const

test.each([
  ...[1, 2, 3].map((n) => [n, 1]),
  ...[4, 5, 6].map((n) => [n, 4]),
  ...[7, 9].map((n) => [n, 7]),
  ...[13, 16, 99].map((n) => [n, 13]),
  [0, 1],
])('%i members online make %i voters: 3f+1, at most 13', (members, count) => {
  expect(voterCountFor(members, 13)).toBe(count)
})

describe('the voters that a section should have', () => {
  test.each([
    ['voters stay while they are online', 'ABCDE', 'BCDE', 'ABCDE', 'BCDE'],
    ['of those that wait, the longest-standing member comes first', 'DCBA', 'D', 'ABCD', 'ABCD'],
    ['an absent voter is replaced by the longest-standing that waits', 'ABCDFE', 'ABCD', 'BCDEF', 'BCDF'],
    ['when fewer are online than voters, the surplus goes as well', 'ABCD', 'ABCD', 'BCD', 'B'],
    ['nobody online but one: that one', 'ABCD', 'ABCD', 'C', 'C'],
  ])('%s', (_rule, members, before, there, after) => {
    expect(desiredVoters(section(members, before), online(there)).join('')).toBe(after)
  })

  test('never more than the genesis allows', () => {
    expect(desiredVoters(section('ABCDEFG', 'A', 4), online('ABCDEFG'))).toHaveLength(4)
  })
})

describe('a proposal', () => {
  test('promotes and demotes in one, sorted, for the present state of affairs', () => {
    expect(proposeVoters(section('ABCDE', 'ABCD'), [...'BCDE'])).toEqual(voters('E', 'A'))
  })

  test('is not made where nothing would change, nor where nobody would be left', () => {
    expect(proposeVoters(section('AB', 'A'), ['A'])).toBe(null)
    expect(proposeVoters(section('AB', 'A'), [])).toBe(null)
  })

  test.each([
    ['the same as ours', 'E', 'A', 'BCDE', true],
    ['another absent voter for another waiting one, as good as ours', 'F', 'A', 'BCDEF', true],
    ['to another number of voters', '', 'A', 'BCDE', false],
    ['that leaves somebody a voter whom we do not see', 'E', 'A', 'CDEF', false],
    ['that demotes somebody who is here, while the number stays', 'E', 'B', 'ABCDE', false],
    ['a demotion of somebody who is here, where the number falls', '', 'ACD', 'ABC', true],
  ])('of others is seconded or not: %s', (_what, promote, demote, there, isSeconded) => {
    const state = section('ABCDEF', 'ABCD')
    const isOnline = online(there)
    const desired = desiredVoters(state, isOnline)
    expect(isAcceptable(state, voters(promote, demote), desired, isOnline)).toBe(isSeconded)
  })

  test('for a former state of affairs is not seconded, nor anything that is no change of voters', () => {
    const state = section('ABCDE', 'ABCD')
    const isOnline = online('BCDE')
    expect(isAcceptable(state, voters('E', 'A', 4), [...'BCDE'], isOnline)).toBe(false)
    expect(isAcceptable(state, { kind: 'remove', peer: 'A', since: 0 }, [...'BCDE'], isOnline)).toBe(false)
  })
})
