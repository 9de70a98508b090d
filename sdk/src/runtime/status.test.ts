import { describe, expect, test } from 'vitest'
import type { SectionStatus as CoreStatus } from '../core/options.ts'
import { type Circumstances, joiningStatus, keepingOf, toStatus } from './status.ts'

const key = (name: string) => name.repeat(64)

/** Voters in capitals, those that are online without a dash: `A B -C d`. */
function core(peers: string, changes: Partial<CoreStatus> = {}): CoreStatus {
  const members = peers.split(' ').map((text) => {
    const name = text.replace('-', '')
    return { peer: key(name.toLowerCase()), voter: name !== name.toLowerCase(), online: name === text, since: 0 }
  })
  const voters = members.filter(({ voter }) => voter)
  return {
    ...{ sectionId: key('5'), height: 3, certifiedHeight: 2, membership: 'voter', members, pending: 1, waiting: 0 },
    coin: { state: 'none', epoch: null, flips: 0 },
    needed: Math.floor((2 * voters.length) / 3) + 1,
    reachable: voters.filter(({ online }) => online).length,
    ...changes,
  }
}

const live: Circumstances = {
  ...{ phase: 'live', alarm: null, meeting: 'signaling', asleep: new Set<string>(), turnedAway: null },
  ...{ previousSection: null, successors: [], isRecovering: false },
  keeping: keepingOf(true, null),
}
const status = (peers: string, changes: Partial<CoreStatus> = {}, circumstances: Partial<Circumstances> = {}) =>
  toStatus(core(peers, changes), { ...live, ...circumstances })

describe('the state of a section, and why nothing becomes final', () => {
  test('with a quorum it is ready, and there is nothing to explain', () => {
    expect(status('A B C -D e')).toMatchObject({ state: 'ready', voters: 4, needed: 3, reachable: 3, reason: null })
  })

  test('without a quorum it is stalled, and says who is missing, by the start of their keys', () => {
    expect(status('A B -C -D')).toMatchObject({
      state: 'stalled',
      reason: '2 of 4 voters reachable, 3 needed: waiting for cccccccc, dddddddd',
    })
  })

  test('a voter that fell asleep counts as unreachable, and is called by what it is', () => {
    const asleep = new Set([key('c')])
    expect(status('A B C -D', {}, { asleep })).toMatchObject({
      ...{ state: 'stalled', reachable: 2, asleep: 1 },
      reason: '2 of 4 voters reachable, 3 needed: waiting for cccccccc (asleep), dddddddd',
    })
    expect(status('A B C D', {}, { asleep })).toMatchObject({ state: 'ready', reachable: 3, asleep: 1, reason: null })
  })

  test('where others have left for a successor, that is part of the reason, while there is no quorum', () => {
    const successors = [key('7')]
    expect(status('A B -C -D', {}, { successors }).reason).toMatch(/for the section that follows this one, 77777777$/)
    expect(status('A B C D', {}, { successors })).toMatchObject({ reason: null, successors })
  })

  test('a tab that lost part of what it said waits for others to bring it back, a member or not', () => {
    const isRecovering = true
    expect(status('A B', {}, { isRecovering })).toMatchObject({
      state: 'stalled',
      reason: 'part of what this tab said is damaged here: waiting for a member that has it',
    })
    expect(status('A B', {}, { isRecovering, phase: 'joining' }).reason).toMatch(/damaged here/)
  })

  test('absent members without a vote do not matter', () => {
    expect(status('A -b -c').reason).toBe(null)
  })

  test('and says so when nobody could come either', () => {
    const reason = (meeting: Circumstances['meeting']) => status('A B -C -D', {}, { meeting }).reason
    expect(reason('none')).toMatch(/no signaling server is reachable either$/)
    expect(reason('members')).toMatch(/no signaling server is reachable, so that members have to introduce who comes$/)
    expect(reason('signaling')).not.toContain('signaling')
    expect(status('A B C -D', {}, { meeting: 'none' }).reason).toBe(null)
  })

  test('while joining it waits for the members', () => {
    const joining = status('A B C D', { membership: 'outside' }, { phase: 'joining' })
    expect(joining).toMatchObject({ state: 'joining', role: 'outside', reason: 'waiting for the members to let us in' })
  })

  test('who was removed is told so', () => {
    expect(status('A B C D', { membership: 'removed' })).toMatchObject({
      state: 'stalled',
      reason: 'this tab is no longer a member',
    })
  })

  test('an alarm stops it, whatever else is the case, and is the reason', () => {
    const stopped = status('A B -C -D', {}, { alarm: 'two histories', phase: 'stopped' })
    expect(stopped).toMatchObject({ state: 'stopped', reason: 'two histories' })
  })

  test('who left has left', () => {
    expect(status('A', {}, { phase: 'left' }).state).toBe('left')
  })
})

test.each(['none', 'forming', 'active'] as const)('the coin is what the core says it is: %s', (state) => {
  expect(status('A B C D', { coin: { state, epoch: 7, flips: 0 } }).coin).toBe(state)
})

test('heights, members and what is pending are told as they are', () => {
  expect(status('A b')).toMatchObject({
    ...{ height: 3, certifiedHeight: 2, pending: 1, role: 'voter' },
    members: [
      { peer: key('a'), voter: true, online: true, asleep: false },
      { peer: key('b'), voter: false, online: true, asleep: false },
    ],
  })
})

test('before there is a section nothing is known but why', () => {
  expect(joiningStatus('looking', keepingOf(true, null))).toMatchObject({
    state: 'joining',
    height: 0,
    voters: 0,
    members: [],
    reason: 'looking',
  })
})

test('a section in memory says that it is one, and why', () => {
  const inMemory = status('A', {}, { keeping: keepingOf(false, 'denied') })
  expect(inMemory).toMatchObject({ state: 'ready', storage: 'memory' })
  expect(inMemory.storageReason).toMatch(/nothing is kept here, .*: a private window, or the settings/)
  for (const reason of ['noLocks', 'quota', 'blocked', 'newerFormat', 'chosen', 'failed', null]) {
    expect(keepingOf(false, reason).storageReason).toMatch(/^nothing is kept here, .*: .+/)
  }
  expect(joiningStatus('looking', keepingOf(false, 'quota'))).toMatchObject({ storage: 'memory' })
  expect(status('A')).toMatchObject({ storage: 'durable', storageReason: null })
})
