/** Replicas on real sections, on a network in memory. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { key, openTab, pass, stopTime } from '../../test/sessions.ts'
import { createMemoryNetwork } from '../transport/memory.ts'
import { accept, type Machine, replicate } from './index.ts'

beforeEach(stopTime)
afterEach(() => void vi.useRealTimers())

interface Log {
  readonly reforms: boolean
  readonly entries: readonly string[]
}

const log: Machine<Log> = {
  version: 1,
  initial: ({ previousSection }) => ({ reforms: previousSection !== null, entries: [] }),
  apply: (state, { creator, value }) => accept({ ...state, entries: [...state.entries, `${creator[0]}: ${value}`] }),
}

async function threeTabs() {
  const network = createMemoryNetwork()
  const sections = []
  for (const name of ['a', 'b', 'c']) sections.push((await openTab(network, name)).section)
  await pass(5_000)
  const replicas = sections.map((section) => replicate(section, log, { attestEvery: 2 }))
  return { network, sections, replicas }
}

test('members and voters come to the same state, and the voter attests it', async () => {
  const { sections, replicas } = await threeTabs()
  const outcomes = []
  for (let turn = 0; turn < 4; turn++) {
    outcomes.push(...replicas.map((replica) => replica.submit(turn).outcome))
    await pass(1_000)
  }
  for (const outcome of await Promise.all(outcomes)) expect(outcome.kind).toBe('accepted')
  expect(replicas[0]?.current.final.entries).toHaveLength(12)
  for (const replica of replicas) {
    expect(replica.hash()).toBe(replicas[0]?.hash())
    expect(replica.current).toMatchObject({ pending: [], divergence: null, fault: null })
  }
  const blocks = Array.from({ length: sections[0]?.status.height ?? 0 }, (_, at) => sections[0]?.block(at + 1))
  const attested = blocks.flatMap((block) => block?.transactions ?? []).filter(({ value }) => typeof value === 'object')
  expect(attested.length).toBeGreaterThan(0)
  expect(new Set(attested.map(({ creator }) => creator))).toEqual(new Set([key('a')]))
}, 30_000)

test('in a section that goes on without its voter a replica begins again, and what was pending is lost', async () => {
  const { network, sections, replicas } = await threeTabs()
  const [, section] = sections
  const [, replica] = replicas
  replica?.submit('before')
  await pass(1_000)
  for (const [x, y] of ['ab', 'ac', 'bc']) network.cut(key(x as string), key(y as string))
  await pass(2_000)
  const lost = replica?.submit('lost').outcome
  expect(replica?.current.view.entries).toEqual(['b: before', 'b: lost'])
  const reforming = section?.reform()
  await pass(3_000)
  await reforming
  await expect(lost).rejects.toMatchObject({ code: 'superseded' })
  expect(replica?.current).toMatchObject({ view: { reforms: true, entries: [] }, height: section?.status.height })
  const after = replica?.submit('after').outcome
  await pass(1_000)
  expect(await after).toMatchObject({ kind: 'accepted' })
  expect(replica?.current.final.entries).toEqual(['b: after'])
}, 30_000)
