import 'fake-indexeddb/auto'
import { expect, test, vi } from 'vitest'
import { blockAfter, createFakeSection, settled } from '../../test/fake-section.ts'
import type { FinalBlock } from '../index.ts'
import { accept, indexedDbSnapshots, type Machine, type ReplicaOptions, replicate, type Snapshot } from './index.ts'

type Counts = ReadonlyMap<string, number>

function counting(version = 1): { machine: Machine<Counts>; apply: ReturnType<typeof vi.fn> } {
  const apply = vi.fn((counts: Counts, { creator }: { creator: string }) =>
    accept(new Map(counts).set(creator, (counts.get(creator) ?? 0) + 1)),
  )
  return { machine: { version, initial: new Map(), apply }, apply }
}

function chainOf(length: number, salt = ''): FinalBlock[] {
  const chain: FinalBlock[] = []
  for (let at = 0; at < length; at++) {
    chain.push(blockAfter(chain.at(-1) ?? null, [{ creator: 'ben', value: at, id: `${salt}${at}` }]))
  }
  return chain
}

function memory() {
  const kept = new Map<string, Snapshot>()
  return {
    kept,
    load: async (key: string): Promise<unknown> => kept.get(key),
    save: async (key: string, snapshot: Snapshot) => void kept.set(key, structuredClone(snapshot)),
  }
}

async function open(blocks: readonly FinalBlock[], machine: Machine<Counts>, options: ReplicaOptions, id = 'section') {
  const fake = createFakeSection('ann', { id })
  for (const block of blocks) fake.deliver(block)
  const replica = replicate(fake.section, machine, options)
  await vi.waitFor(() => expect(replica.current.height).toBe(blocks.length), 20_000)
  return { fake, replica }
}

const stores = [
  ['memory', memory],
  ['IndexedDB', () => indexedDbSnapshots(`snapshots-${Math.random()}`)],
] as const

test.each(stores)('with snapshots in %s a reload applies only the blocks above the last one', async (_, create) => {
  const snapshots = create()
  const chain = chainOf(10)
  const first = await open(chain.slice(0, 7), counting().machine, { snapshots })
  await first.replica.close()
  const { machine, apply } = counting()
  const second = await open(chain, machine, { snapshots })
  expect(second.replica.current.final).toEqual(new Map([['ben', 10]]))
  expect(apply).toHaveBeenCalledTimes(3)
  const { replica } = await open(chain, counting().machine, {})
  expect(second.replica.hash()).toBe(replica.hash())
})

test('one is written every so many blocks, and when the replica is closed', async () => {
  const snapshots = memory()
  const { fake, replica } = await open([], counting().machine, { snapshots, snapshotEvery: 3 })
  const heights: (number | undefined)[] = []
  for (const block of chainOf(5)) {
    fake.deliver(block)
    await settled()
    heights.push([...snapshots.kept.values()][0]?.height)
  }
  await replica.close()
  expect(heights).toEqual([undefined, undefined, 3, 3, 3])
  expect([...snapshots.kept.values()][0]?.height).toBe(5)
})

test('one of a block that the page does not hold any more is used, and so are the blocks above it', async () => {
  const snapshots = memory()
  const chain = chainOf(10)
  await (await open(chain.slice(0, 4), counting().machine, { snapshots })).replica.close()
  const fake = createFakeSection('ann', { held: 2 })
  for (const block of chain) fake.deliver(block)
  const from = vi.spyOn(fake.section, 'blocks')
  const { machine, apply } = counting()
  const replica = replicate(fake.section, machine, { snapshots })
  await vi.waitFor(() => expect(replica.current.final).toEqual(new Map([['ben', 10]])))
  expect(apply).toHaveBeenCalledTimes(6)
  expect(from.mock.calls).toEqual([[5]])
})

test('the count of attested blocks goes on where it was', async () => {
  const snapshots = memory()
  const chain = chainOf(4)
  await (await open(chain.slice(0, 3), counting().machine, { snapshots })).replica.close()
  const { fake } = await open(chain, counting().machine, { snapshots, attestEvery: 4 })
  expect(fake.submitted).toHaveLength(1)
})

test.each<[string, (snapshot: Snapshot) => unknown]>([
  ['of another version', (snapshot) => ({ ...snapshot, version: 2 })],
  ['whose state is not that of its hash', (snapshot) => ({ ...snapshot, state: new Map([['ben', 1_000]]) })],
  ['of another block at its height', (snapshot) => ({ ...snapshot, blockHash: 'other' })],
  ['above the last block', (snapshot) => ({ ...snapshot, height: 99 })],
  ['whose state is none', (snapshot) => ({ ...snapshot, state: new Date(0) })],
  ['that is no snapshot', () => 'garbage'],
])('a snapshot %s is not used: every block is applied', async (_, spoil) => {
  const snapshots = memory()
  const chain = chainOf(3)
  await (await open(chain, counting().machine, { snapshots })).replica.close()
  const [key, snapshot] = [...snapshots.kept][0] as [string, Snapshot]
  snapshots.kept.set(key, spoil(snapshot) as Snapshot)
  const { machine, apply } = counting()
  const { replica } = await open(chain, machine, { snapshots })
  expect(apply).toHaveBeenCalledTimes(3)
  expect(replica.current.final).toEqual(new Map([['ben', 3]]))
})

test('a snapshot of another section, or of a machine with another name, is not looked at', async () => {
  const snapshots = memory()
  await (await open(chainOf(3), counting().machine, { snapshots })).replica.close()
  await (await open(chainOf(3), { ...counting().machine, name: 'other' }, { snapshots })).replica.close()
  await (await open(chainOf(3), counting().machine, { snapshots }, 'elsewhere')).replica.close()
  expect(snapshots.kept.size).toBe(3)
})

test('what a snapshot restores is frozen like every state', async () => {
  const snapshots = memory()
  const chain = chainOf(2)
  await (await open(chain, counting().machine, { snapshots })).replica.close()
  const { replica } = await open(chain, counting().machine, { snapshots })
  expect(() => (replica.current.final as Map<string, number>).set('eve', 1)).toThrow(TypeError)
})

test('storage that fails costs nothing but the time of applying the blocks', async () => {
  const failing = { load: () => Promise.reject(new Error('denied')), save: () => Promise.reject(new Error('quota')) }
  const { replica } = await open(chainOf(3), counting().machine, { snapshots: failing, snapshotEvery: 1 })
  expect(replica.current.height).toBe(3)
  await replica.close()
})
