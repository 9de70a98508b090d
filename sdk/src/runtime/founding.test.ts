import { describe, expect, test } from 'vitest'
import { encounter, GATHER_MS, GIVE_UP_MS, shouldFound } from './founding.ts'

const around = { self: 'b', connectedForMs: 0, clients: 2, homeless: [] as string[], silent: 0, unreadable: false }

describe('a tab without a section founds one', () => {
  test.each([
    ['not before a signaling server has answered', { connectedForMs: null, clients: null }, false],
    ['at once where the servers count nobody else', { clients: 1 }, true],
    ['not at once while no server has said how many there are', { clients: null }, false],
    ['not while somebody whom the servers count is not to be found', { connectedForMs: GIVE_UP_MS - 1 }, false],
    ['when nobody could be found for long', { connectedForMs: GIVE_UP_MS }, true],
    ['not while a connected peer has not said anything', { silent: 1, connectedForMs: GIVE_UP_MS - 1 }, false],
    [
      'not while somebody is there whom our password does not let us read',
      { connectedForMs: GIVE_UP_MS, unreadable: true },
      false,
    ],
    ['when they are gone', { connectedForMs: 0, clients: 1, unreadable: true }, true],
    ['when the silent one has been silent for long', { silent: 1, connectedForMs: GIVE_UP_MS }, true],
    ['not before those that start together have met', { homeless: ['c'], connectedForMs: GATHER_MS - 1 }, false],
    ['for all that have none, if its key is the smallest', { homeless: ['c', 'd'], connectedForMs: GATHER_MS }, true],
    ['not if another key is smaller: that one founds', { homeless: ['a', 'c'], connectedForMs: GATHER_MS }, false],
    ['not even after long, while a smaller key is there to do it', { homeless: ['a'], connectedForMs: 1e9 }, false],
    [
      'not while one of those connected is silent, though the others are larger',
      { homeless: ['c'], silent: 1, connectedForMs: GATHER_MS },
      false,
    ],
  ])('%s', (_when, surroundings, founds) => {
    expect(shouldFound({ ...around, ...surroundings })).toBe(founds)
  })
})

describe('another section in the same room', () => {
  test.each([
    ['the same', '1', false, '1', true, 'same'],
    ['both with history: never merged silently', '1', true, '2', true, 'conflict'],
    ['the one without history yields: ours', '1', false, '2', true, 'weYield'],
    ['the one without history yields: theirs', '1', true, '2', false, 'theyYield'],
    ['of two without, the one with the greater id yields: ours', '2', false, '1', false, 'weYield'],
    ['of two without, the one with the greater id yields: theirs', '1', false, '2', false, 'theyYield'],
  ])('%s', (_what, ours, oursHas, theirs, theirsHas, outcome) => {
    const claim = (sectionId: string, hasHistory: boolean) => ({ sectionId, hasHistory })
    expect(encounter(claim(ours, oursHas), claim(theirs, theirsHas))).toBe(outcome)
  })

  test('both sides come to the same conclusion', () => {
    const mirror = { same: 'same', conflict: 'conflict', weYield: 'theyYield', theyYield: 'weYield' } as const
    const claims = ['1', '2'].flatMap((sectionId) => [true, false].map((hasHistory) => ({ sectionId, hasHistory })))
    for (const a of claims) for (const b of claims) expect(encounter(b, a)).toBe(mirror[encounter(a, b)])
  })
})
