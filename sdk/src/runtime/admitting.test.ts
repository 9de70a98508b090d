import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { key, openTab, pass, stopTime } from '../../test/sessions.ts'
import { createMemoryNetwork, type MemoryNetwork } from '../transport/memory.ts'
import { MAX_REQUESTS } from './doorkeeper.ts'
import { readInvitation } from './invitation.ts'
import type { Session, SessionOptions } from './session.ts'
import type { InvitationTerms } from './types.ts'

beforeEach(stopTime)
afterEach(() => void vi.useRealTimers())

/** A section of one, in which something is final, with this policy. */
async function founded(admission: SessionOptions['admission'], changes: Partial<SessionOptions> = {}) {
  const network = createMemoryNetwork()
  const a = await openTab(network, 'a', { admission, ...changes })
  await pass(1_000)
  a.section.submit('for members')
  await pass(1_000)
  return { network, a }
}

const membersOf = ({ section }: Session) => section.status.members.map(({ peer }) => peer[0]).join('')

async function join(network: MemoryNetwork, name: string, admission: SessionOptions['admission'], text = '') {
  const { bytes, sectionId } = text === '' ? { bytes: new Uint8Array(), sectionId: null } : readInvitation(text)
  const session = await openTab(network, name, { admission, invitation: bytes, wanted: sectionId })
  await pass(5_000)
  return session
}

async function invite({ section }: Session, terms?: InvitationTerms): Promise<string> {
  const promise = section.invitation(terms)
  await pass(0)
  return await promise
}

describe('who is not let in', () => {
  test('stays outside, and is told why by each that was asked, in the status, and by a typed error', async () => {
    const { network, a } = await founded('invitation')
    const told: string[] = []
    const b = await openTab(network, 'b', { admission: 'invitation' })
    b.section.on('rejection', ({ reason, peer }) => told.push(`${peer?.[0]}: ${reason}`))
    await pass(5_000)
    expect(told).toEqual(['a: refusedByPeer: notInvited'])
    expect(b.section.status).toMatchObject({
      ...{ state: 'joining', role: 'outside' },
      reason: 'not let in: an invitation is needed',
    })
    await expect(b.joined).rejects.toMatchObject({ code: 'notAdmitted', reason: 'notInvited' })
    expect(membersOf(a)).toBe('a')
  })

  test('reads nothing of what is said in the section', async () => {
    const { network } = await founded('invitation')
    const b = await join(network, 'b', 'invitation')
    expect(b.section.status.height).toBe(0)
    expect(b.section.diagnostics().events).toBe(0)
  })

  test('does not keep others from being let in', async () => {
    const { network, a } = await founded((peer) => peer !== key('b'))
    await join(network, 'b', 'open')
    const c = await join(network, 'c', 'open')
    await expect(c.joined).resolves.toBeUndefined()
    expect(membersOf(a)).toBe('ac')
  })

  test(`asks ${MAX_REQUESTS} times and is answered no more`, async () => {
    const asked: string[] = []
    const { network } = await founded((peer) => {
      asked.push(peer)
      return false
    })
    const b = await openTab(network, 'b')
    await pass(2_000)
    expect(asked).toEqual([key('b')])
    expect(b.section.status.reason).toBe('not let in: the application declined')
  })
})

describe('an invitation', () => {
  test('lets in, and whoever was let in reads all that was said before', async () => {
    const { network, a } = await founded('invitation')
    const b = await join(network, 'b', 'invitation', await invite(a))
    await expect(b.joined).resolves.toBeUndefined()
    expect(b.section.block(1)?.transactions.map(({ value }) => value)).toEqual(['for members'])
    expect([membersOf(a), membersOf(b)]).toEqual(['ab', 'ab'])
  })

  test('of one use lets in one, and the next is told that it is used up', async () => {
    const { network, a } = await founded('invitation')
    const text = await invite(a)
    await join(network, 'b', 'invitation', text)
    const c = await join(network, 'c', 'invitation', text)
    await expect(c.joined).rejects.toMatchObject({ code: 'notAdmitted', reason: 'invitationUsedUp' })
    expect(membersOf(a)).toBe('ab')
  })

  test('of one use lets in one of two that come at the same time; the other is told', async () => {
    const { network, a } = await founded('invitation')
    const text = await invite(a)
    const { bytes, sectionId: wanted } = readInvitation(text)
    const both = await Promise.all(
      ['b', 'c'].map((name) => openTab(network, name, { admission: 'invitation', invitation: bytes, wanted })),
    )
    await pass(10_000)
    expect(membersOf(a)).toHaveLength(2)
    const answers = await Promise.allSettled(both.map(({ joined }) => joined))
    expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const turnedAway = both.find(({ section }) => section.status.role === 'outside')
    await expect(turnedAway?.joined).rejects.toMatchObject({ reason: 'invitationUsedUp' })
  })

  test('of two uses lets in two', async () => {
    const { network, a } = await founded('invitation')
    const text = await invite(a, { uses: 2 })
    await join(network, 'b', 'invitation', text)
    await join(network, 'c', 'invitation', text)
    expect(membersOf(a)).toBe('abc')
  })

  test('can be written by any member', async () => {
    const { network, a } = await founded('invitation')
    const b = await join(network, 'b', 'invitation', await invite(a))
    const c = await join(network, 'c', 'invitation', await invite(b))
    await expect(c.joined).resolves.toBeUndefined()
    expect(membersOf(a)).toBe('abc')
  })

  test('that has expired lets nobody in', async () => {
    const { network, a } = await founded('invitation')
    const text = await invite(a, { validForMs: 1_000 })
    await pass(1_000)
    const b = await join(network, 'b', 'invitation', text)
    await expect(b.joined).rejects.toMatchObject({ reason: 'invitationExpired' })
  })

  test('is written by members only', async () => {
    const { network } = await founded('invitation')
    const b = await join(network, 'b', 'invitation')
    await expect(b.section.invitation()).rejects.toMatchObject({ code: 'notAMember' })
  })
})

test("the application's function may take its time: whoever asks waits", async () => {
  let answer: (yes: boolean) => void = () => {}
  const { network, a } = await founded(
    () =>
      new Promise<boolean>((resolve) => {
        answer = resolve
      }),
  )
  const b = await join(network, 'b', 'open')
  await pass(60_000)
  expect(b.section.status).toMatchObject({ state: 'joining', reason: 'waiting for the members to let us in' })
  answer(true)
  await pass(1_000)
  await expect(b.joined).resolves.toBeUndefined()
  expect(membersOf(a)).toBe('ab')
})

test('a member that comes back while nobody who knows it is a voter reads on', async () => {
  const { network, a } = await founded('invitation')
  const b = await join(network, 'b', 'invitation', await invite(a))
  network.cut(key('a'), key('b'))
  await pass(1_000)
  a.section.submit('missed')
  await pass(1_000)
  network.heal(key('a'), key('b'))
  await pass(1_000)
  expect(b.section.block(a.section.status.height)?.transactions.map(({ value }) => value)).toEqual(['missed'])
})

test('only those that may vote become voters', async () => {
  const mayVote = (peer: string) => peer !== key('b')
  const network = createMemoryNetwork()
  const tabs: Session[] = []
  for (const name of 'abcde') {
    tabs.push(await openTab(network, name, { mayVote }))
    await pass(3_000)
  }
  for (const { section } of tabs) {
    const voters = section.status.members.flatMap(({ peer, voter }) => (voter ? peer[0] : []))
    expect(voters.toSorted().join('')).toBe('acde')
  }
})

test('a member that stays away for longer than `forgetAfterMs` is removed, and not before', async () => {
  const network = createMemoryNetwork()
  const a = await openTab(network, 'a', { forgetAfterMs: 60_000 })
  await pass(3_000)
  const b = await openTab(network, 'b')
  await pass(3_000)
  expect(a.section.status.members).toHaveLength(2)
  const gone = b.section.close()
  await pass(50_000)
  await gone
  expect(a.section.status.members).toHaveLength(2)
  await pass(15_000)
  expect(a.section.status.members.map(({ peer }) => peer)).toEqual([key('a')])
})

describe('a room in which others use another password', () => {
  const unreadable = { kind: 'server', url: 'memory:', connected: true, clients: 2, unreadable: true } as const

  test('is named, nothing is founded there, and joining fails', async () => {
    const network = createMemoryNetwork()
    const b = await openTab(network, 'b', {
      connect: (handlers) => {
        const transport = network.join(key('b'), { ...handlers, signaling: () => {} })
        queueMicrotask(() => handlers.signaling(unreadable))
        return transport
      },
    })
    await pass(1_000)
    expect(b.section.status.reason).toMatch(/password is wrong, or missing/)
    await pass(20_000)
    expect(b.section.id).toBe('')
    await expect(b.joined).rejects.toMatchObject({ code: 'wrongPassword' })
  })

  test('is no matter to whoever reaches somebody in it', async () => {
    const network = createMemoryNetwork()
    await openTab(network, 'a')
    await pass(1_000)
    const b = await openTab(network, 'b', {
      connect: (handlers) => {
        const transport = network.join(key('b'), { ...handlers, signaling: () => {} })
        queueMicrotask(() => handlers.signaling(unreadable))
        return transport
      },
    })
    await pass(10_000)
    await expect(b.joined).resolves.toBeUndefined()
  })
})
