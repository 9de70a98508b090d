import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { key, openTab, pass, stopTime } from '../../test/sessions.ts'
import { createMemoryStore, type Store } from '../store/index.ts'
import { createMemoryNetwork } from '../transport/memory.ts'
import type { FinalBlock, Section } from './types.ts'

beforeEach(stopTime)
afterEach(() => void vi.useRealTimers())

/** Nearly all that a transaction may take: of these the page holds some fifteen. */
const LARGE = new Uint8Array((1 << 20) - 100)

/** A section with more blocks than its founder's page holds, and what a listener heard there from the beginning. */
async function longSection(...others: readonly string[]) {
  const network = createMemoryNetwork()
  const kept: Store = createMemoryStore()
  let isDamaged = false
  const store: Store = {
    ...kept,
    read: async (ids) => (await kept.read(ids)).map((bytes) => (isDamaged ? null : bytes)),
  }
  const { section } = await openTab(network, 'a', { openStore: async () => store })
  const live: FinalBlock[] = []
  section.on('block', (block) => live.push(block))
  const submit = (value: unknown) => eventually(section.submit(value).final)
  await pass(1_000)
  await submit('first')
  await submit('second')
  for (const name of others) {
    await openTab(network, name)
    await pass(3_000)
  }
  await submit({ early: [1, 'two'] })
  const early = section.status.height
  while (section.block(early)) await submit(LARGE)
  return {
    section,
    live,
    early,
    damage: () => {
      isDamaged = true
    },
  }
}

/** Blocks to compare, which is slow with large values. */
const outlines = (blocks: readonly FinalBlock[]) =>
  blocks.map((block) => ({
    ...block,
    transactions: block.transactions.map(({ value, ...rest }) => ({
      ...rest,
      value: value instanceof Uint8Array ? value.length : value,
    })),
  }))

async function all(section: Section): Promise<FinalBlock[]> {
  const blocks: FinalBlock[] = []
  for await (const block of section.blocks()) {
    blocks.push(block)
    if (block.height === section.status.height) break
  }
  return blocks
}

/** Lets time pass until it has settled. */
async function eventually<Value>(promise: Promise<Value>): Promise<Value> {
  let isSettled = false
  const settle = () => {
    isSettled = true
  }
  promise.then(settle, settle)
  while (!isSettled) await pass(100)
  return await promise
}

test('what the page does not hold any more is read back as it was, until the section is closed', async () => {
  const { section, live, early } = await longSection('b')
  expect(live.map(({ height }) => height)).toEqual(live.map((_, i) => i + 1))
  expect([live[1]?.members, live.at(-1)?.members]).toEqual([[key('a')], [key('a'), key('b')]])
  const heard: FinalBlock[] = []
  section.on('block', (block) => heard.push(block))
  expect(outlines(await eventually(all(section)))).toEqual(outlines(live))
  expect(outlines(heard)).toEqual(outlines(live))
  const old = await eventually(section.readBlock(early))
  expect(old).toEqual(live[early - 1])
  expect(old.transactions.map(({ value }) => value)).toEqual([{ early: [1, 'two'] }])

  const heights: number[] = []
  for await (const { height } of section.blocks()) {
    heights.push(height)
    if (height === 1) await eventually(section.close())
  }
  expect(heights).toEqual([1])
  await expect(section.readBlock(early)).rejects.toMatchObject({ code: 'closed' })
  expect(await section.readBlock(live.length)).toBe(live.at(-1))
})

test('where it cannot be read any more the section stops, and says why', async () => {
  const { section, early, damage } = await longSection()
  const alarms: string[] = []
  section.on('alarm', (reason) => alarms.push(reason))
  damage()
  await expect(eventually(section.readBlock(early))).rejects.toMatchObject({ code: 'storage', reason: 'damaged' })
  await expect(eventually(all(section))).rejects.toMatchObject({ code: 'storage', reason: 'damaged' })
  expect(alarms).toEqual([expect.stringContaining('damaged')])
  expect(section.status.state).toBe('stopped')
})
