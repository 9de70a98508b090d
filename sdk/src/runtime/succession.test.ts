import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { key, openTab as open, pass, stopTime } from '../../test/sessions.ts'
import { createMemoryStore, type Store } from '../store/index.ts'
import { createMemoryNetwork, type MemoryNetwork } from '../transport/memory.ts'
import type { Session } from './session.ts'
import { endOf, type OwnSection, relationTo } from './succession.ts'

beforeEach(stopTime)
afterEach(() => void vi.useRealTimers())

interface Orphans {
  readonly network: MemoryNetwork
  /** A, which alone votes, and the members B and C. */
  readonly tabs: readonly [Session, Session, Session]
  /** The store of B's, which outlives its sessions. */
  readonly kept: Store
}

/** Three members, of which the only voter goes, and nobody reaches anybody. */
async function orphaned(): Promise<Orphans> {
  const network = createMemoryNetwork()
  const kept: Store = { ...createMemoryStore(), close: async () => {} }
  const tabs = [
    await open(network, 'a'),
    await open(network, 'b', { openStore: async () => kept }),
    await open(network, 'c'),
  ] as const
  await pass(5_000)
  tabs[1].section.submit('before')
  await pass(1_000)
  expect(tabs[1].section.status).toMatchObject({ state: 'ready', voters: 1, members: { length: 3 } })
  cut(network, ['ab', 'ac', 'bc'])
  await pass(2_000)
  return { network, tabs, kept }
}

const cut = (network: MemoryNetwork, pairs: readonly string[]) => {
  for (const [x, y] of pairs) network.cut(key(x as string), key(y as string))
}
const heal = (network: MemoryNetwork, pairs: readonly string[]) => {
  for (const [x, y] of pairs) network.heal(key(x as string), key(y as string))
}
const valuesOf = ({ section }: Session) =>
  Array.from({ length: section.status.height }, (_, i) => section.block(i + 1)?.transactions ?? []).flatMap((all) =>
    all.map(({ value }) => value),
  )

/** Starts it, lets it take its time, and answers with how it ended. */
async function after<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {})
  await pass(3_000)
  return await promise
}

test('without its only voter a section waits for it, and says so', async () => {
  const { tabs } = await orphaned()
  expect(tabs[1].section.status).toMatchObject({
    ...{ state: 'stalled', voters: 1, needed: 1, reachable: 0 },
    reason: '0 of 1 voter reachable, 1 needed: waiting for aaaaaaaa',
  })
})

describe('a section that is re-formed', () => {
  test('goes on from the last certified block, by the one who did it', async () => {
    const [, { section }] = (await orphaned()).tabs
    const before = section.id
    const { certifiedHeight } = section.status
    const last = section.block(certifiedHeight)?.hash
    const moves: unknown[] = []
    section.on('moved', (move) => moves.push(move))
    await after(section.reform())
    expect(moves).toEqual([{ from: before, to: section.id, height: certifiedHeight }])
    expect(section.status).toMatchObject({
      ...{ state: 'ready', role: 'voter', voters: 1, height: 0, reason: null },
      previousSection: { sectionId: before, height: certifiedHeight, blockHash: last },
    })
    await expect(after(section.submit('and on').final)).resolves.toMatchObject({ height: 1 })
  })

  test('tells the members that it reaches, who follow by their own decision', async () => {
    const { network, tabs } = await orphaned()
    const [, { section: b }, { section: c }] = tabs
    heal(network, ['bc'])
    await pass(2_000)
    const told: string[] = []
    c.on('successor', (id) => told.push(id))
    await after(b.reform())
    expect(told).toEqual([b.id])
    expect(c.status).toMatchObject({ state: 'stalled', reachable: 0, successors: [b.id] })
    expect(c.status.members.filter(({ online }) => online).map(({ peer }) => peer)).toEqual([key('c')])
    await after(c.follow(b.id))
    expect(c.id).toBe(b.id)
    expect(c.status).toMatchObject({ state: 'ready', role: 'member', successors: [] })
    await after(c.submit('here as well').final)
    expect([valuesOf(tabs[1]), valuesOf(tabs[2])]).toEqual([['here as well'], ['here as well']])
    expect([b.diagnostics().conflicts, c.diagnostics().conflicts]).toEqual([[], []])
  })

  test('tells a member that returns: what it had submitted is not final, and it hears that when it follows', async () => {
    const { network, tabs } = await orphaned()
    const [, { section: b }, { section: c }] = tabs
    const lost = c.submit('into the void').final.catch((error: { code: string }) => error.code)
    await after(b.reform())
    heal(network, ['bc'])
    await pass(3_000)
    expect(c.status).toMatchObject({ state: 'stalled', pending: 1, successors: [b.id] })
    expect(c.status.reason).toMatch(new RegExp(`for the section that follows this one, ${b.id.slice(0, 8)}$`))
    await after(c.follow(b.id))
    await expect(lost).resolves.toBe('superseded')
    expect(c.status).toMatchObject({ state: 'ready', role: 'member', pending: 0 })
  })

  test('takes what is submitted while we move', async () => {
    const [, { section }] = (await orphaned()).tabs
    const receipts: Promise<unknown>[] = []
    section.on('moved', () => receipts.push(section.submit('at once').final))
    await after(section.reform())
    await expect(Promise.all(receipts)).resolves.toMatchObject([{ height: 1 }])
  })

  test('is where its founder comes back to', async () => {
    const { network, tabs, kept } = await orphaned()
    const [, founder] = tabs
    await after(founder.section.reform())
    await after(founder.section.submit('kept').final)
    const { id } = founder.section
    await after(founder.section.close())
    const again = await open(network, 'b', { openStore: async () => kept })
    await pass(1_000)
    expect(again.section.id).toBe(id)
    expect(valuesOf(again)).toEqual(['kept'])
    await expect(after(again.section.submit('more').final)).resolves.toMatchObject({ height: 2 })
  })

  test('before anything is said in it, too', async () => {
    const { network, tabs, kept } = await orphaned()
    await after(tabs[1].section.reform())
    const { id } = tabs[1].section
    await after(tabs[1].section.close())
    const again = await open(network, 'b', { openStore: async () => kept })
    await expect(after(again.section.submit('first').final)).resolves.toMatchObject({ height: 1 })
    expect(again.section.id).toBe(id)
  })

  test('is never given up for the one that it re-forms, should that go on after all', async () => {
    const { network, tabs } = await orphaned()
    const [{ section: a }, { section: b }] = tabs
    const former = a.id
    await after(b.reform())
    const latter = b.id
    heal(network, ['ab', 'ac', 'bc'])
    await pass(10_000)
    expect(a.status).toMatchObject({ state: 'ready', reason: null, successors: [latter] })
    expect(b.status).toMatchObject({ state: 'ready', members: [{ peer: key('b') }] })
    expect([a.id, b.id]).toEqual([former, latter])
  })

  test('who is behind with the blocks reads the former ones to their end; listeners hear the new ones from 1', async () => {
    const [, { section }] = (await orphaned()).tabs
    const heard: number[] = []
    section.on('block', ({ height }) => heard.push(height))
    const reading = (async () => {
      const heights: number[] = []
      for await (const { height } of section.blocks()) heights.push(height)
      return heights
    })()
    const { height } = section.status
    await after(section.reform())
    expect(await reading).toHaveLength(height)
    await after(section.submit('first').final)
    expect(heard.slice(height)).toEqual([1])
  })
})

describe('a section is not re-formed', () => {
  test('while it can go on by itself', async () => {
    const network = createMemoryNetwork()
    const { section } = await open(network, 'a')
    await pass(2_000)
    await expect(section.reform()).rejects.toMatchObject({ code: 'notStalled' })
  })

  test('by somebody who is not in it', async () => {
    const network = createMemoryNetwork()
    await open(network, 'a', { admission: () => false })
    await pass(2_000)
    const { section } = await open(network, 'b')
    await pass(2_000)
    await expect(section.reform()).rejects.toMatchObject({ code: 'notAMember' })
  })

  test('and nobody follows a section that was never met', async () => {
    const { tabs } = await orphaned()
    await expect(tabs[1].section.follow(key('9'))).rejects.toMatchObject({ code: 'sectionNotFound' })
  })
})

describe('a genesis that names our section', () => {
  const block = (height: number) => ({ hash: key(String(height)) })
  const genesis = { founders: [key('a')], createdAtMs: 0, salt: key('0'), previousSection: null, maxVoters: 13 }
  const ours = {
    ...{ id: key('5'), genesis },
    core: {
      ordering: { state: { members: new Map(['a', 'b', 'c'].map((name) => [key(name), 0])) } },
      status: () => ({ height: 3, certifiedHeight: 2 }),
      block: (height: number) => (height >= 1 && height <= 3 ? block(height) : undefined),
    } as never,
  } satisfies OwnSection
  const after = (height: number, blockHash: string, founders = [key('b')], sectionId = ours.id) => ({
    id: key('6'),
    genesis: { ...genesis, founders, previousSection: { sectionId, height, blockHash } },
  })

  test.each([
    ['and a block of ours', after(2, key('2')), 'c', 'successor'],
    ['at its very beginning', after(0, key('5')), 'c', 'successor'],
    ['and a block above those that we know', after(4, key('4')), 'c', 'successor'],
    ['and a block that is not ours', after(2, key('9')), 'c', 'stranger'],
    ['at another beginning', after(0, key('9')), 'c', 'stranger'],
    ['founded by somebody who is no member of ours', after(2, key('2'), [key('d')]), 'c', 'stranger'],
    ['told by somebody who is no member of ours', after(2, key('2')), 'd', 'stranger'],
    ['no, another one', after(2, key('2'), [key('b')], key('7')), 'c', 'stranger'],
  ])('%s', (_what, theirs, teller, relation) => {
    expect(relationTo(ours, theirs, key(teller))).toBe(relation)
  })

  test('is a successor of ours, and ours is its predecessor', () => {
    const theirs = after(2, key('2'))
    expect(relationTo({ ...ours, ...theirs }, { id: ours.id, genesis }, key('c'))).toBe('predecessor')
  })

  test('names the last certified block', () => {
    expect(endOf(ours)).toEqual({ sectionId: ours.id, height: 2, blockHash: key('2') })
  })
})
