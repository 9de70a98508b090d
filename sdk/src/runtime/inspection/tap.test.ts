import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openTab, pass, stopTime } from '../../../test/sessions.ts'
import { createMemoryNetwork } from '../../transport/memory.ts'
import { readEvents } from '../../verify/index.ts'
import type { Inspection } from './feed.ts'

beforeEach(stopTime)
afterEach(() => void vi.useRealTimers())

async function twoTabs() {
  const network = createMemoryNetwork()
  const a = (await openTab(network, 'a')).section
  await pass(1_000)
  const b = (await openTab(network, 'b')).section
  await pass(3_000)
  return { a, b }
}

const ids = (batches: readonly Inspection[]) => batches.flatMap(({ events }) => events.map(({ id }) => id))

describe('inspecting a section', () => {
  test('tells every event once, each after its parents, those before it began included', async () => {
    const { a, b } = await twoTabs()
    const batches: Inspection[] = []
    a.inspect((batch) => batches.push(batch))
    await pass(100)
    expect(batches.length).toBe(1)
    expect(batches[0]).toMatchObject({ version: 1, sectionId: a.id, reset: true, skipped: 0 })
    b.submit('news')
    await pass(1_000)
    expect(batches.slice(1).every(({ reset }) => !reset)).toBe(true)
    const told = batches.flatMap(({ events }) => events)
    expect(told.length).toBe(a.diagnostics().events)
    const seen = new Set<string>()
    for (const { id, selfParent, otherParents } of told) {
      expect([selfParent ?? otherParents, ...otherParents].flat().every((parent) => seen.has(parent))).toBe(true)
      expect(seen.has(id)).toBe(false)
      seen.add(id)
    }
  })

  test('tells what each event is in its elections, as a replay of the exported events sees it', async () => {
    const { a, b } = await twoTabs()
    const batches: Inspection[] = []
    a.inspect((batch) => batches.push(batch))
    for (let round = 0; round < 5; round++) {
      a.submit(round)
      b.submit(-round)
      await pass(300)
    }
    const replayed = readEvents(await a.exportEvents())
    if (!replayed.valid) throw new Error(replayed.detail)
    expect(ids(batches)).toEqual(replayed.graph.events.map(({ id }) => id))
    const named = ({ election, event }: { readonly election: number; readonly event: string }) => `${election} ${event}`
    const sorted = <T extends { readonly election: number; readonly event: string }>(roles: readonly T[]) =>
      [...roles].sort((x, y) => (named(x) < named(y) ? -1 : 1))
    expect(sorted(batches.flatMap(({ roles }) => roles))).toEqual(sorted(replayed.graph.roles))
    expect(batches.flatMap(({ blocks }) => blocks.map(({ height, events }) => [height, events]))).toEqual(
      replayed.graph.blocks.map(({ height, events }) => [height, events]),
    )
  })

  test('tells when a block became final here, for those that did while somebody listened', async () => {
    const { a } = await twoTabs()
    const batches: Inspection[] = []
    a.inspect((batch) => batches.push(batch))
    await pass(100)
    a.submit('news')
    await pass(1_000)
    const [earlier = [], later = []] = [batches.slice(0, 1), batches.slice(1)].map((some) =>
      some.flatMap(({ blocks }) => blocks.map(({ finalAtMs }) => finalAtMs !== null)),
    )
    expect(earlier).toContain(false)
    expect(later).toEqual([true])
  })

  test('ends with its listener, and begins anew for all with another', async () => {
    const { a, b } = await twoTabs()
    const [first, second]: [Inspection[], Inspection[]] = [[], []]
    const end = a.inspect((batch) => first.push(batch))
    await pass(100)
    const endSecond = a.inspect((batch) => second.push(batch))
    await pass(100)
    expect([first, second].map((batches) => batches.map(({ reset }) => reset))).toEqual([[true, true], [true]])
    end()
    endSecond()
    b.submit('news')
    await pass(1_000)
    expect([first.length, second.length]).toEqual([2, 1])
  })
})
