import { expect, test } from 'vitest'
import { openSectionTab, until } from '../../test/sections.ts'
import { invariant } from '../core/invariant.ts'
import { createMemoryNetwork, type MemoryNetwork } from '../transport/memory.ts'
import { createHashing } from '../wire/index.ts'
import type { FinalBlock, Section } from './types.ts'

async function joinAll(network: MemoryNetwork, count: number): Promise<Section[]> {
  const sections: Section[] = []
  for (let i = 0; i < count; i++) {
    const { section, joined } = await openSectionTab(network)
    await joined
    sections.push(section)
    networks.set(section, network)
  }
  return sections
}

test('a section that an alarm stops is gone for the others, and its identity can be given up', async () => {
  const network = createMemoryNetwork()
  const [a] = (await joinAll(network, 1)) as [Section]
  const hashing = createHashing()
  let isBroken = false
  const event: typeof hashing.event = (content) => {
    invariant(!isBroken, 'simulated')
    return hashing.event(content)
  }
  const released: boolean[] = []
  const { section: b, joined } = await openSectionTab(network, {
    hashing: { ...hashing, event },
    release: async (forget) => void released.push(forget),
  })
  await joined
  await until(a, ({ members }) => members.length === 2 && members.every(({ online }) => online))
  isBroken = true
  await expect(b.submit('never said').final).rejects.toMatchObject({ code: 'stopped', message: 'simulated' })
  expect(b.status).toMatchObject({ state: 'stopped', reason: 'simulated' })
  await until(a, ({ members }) => members.some(({ peer, online }) => peer === b.me && !online))
  await b.leave()
  expect(released).toEqual([true])
})

const hashes = (section: Section, height: number) =>
  Array.from({ length: height }, (_, i) => section.block(i + 1)?.hash)

test('whoever is alone in the room founds a section and is its only voter', async () => {
  const [only] = await joinAll(createMemoryNetwork(), 1)
  expect(only?.status).toMatchObject({ role: 'voter', voters: 1, needed: 1, reachable: 1, reason: null })
})

test('a submission of the founder is final at once, for everybody who listens, from block 1', async () => {
  const [only] = await joinAll(createMemoryNetwork(), 1)
  const receipt = only?.submit({ pay: 'bob', amount: 3 })
  await expect(receipt?.final).resolves.toMatchObject({ height: 1, index: 0 })
  const blocks: FinalBlock[] = []
  await new Promise<void>((resolve) => only?.on('block', (block) => resolve(void blocks.push(block))))
  expect(blocks[0]?.transactions).toEqual([{ id: receipt?.id, creator: only?.me, value: { pay: 'bob', amount: 3 } }])
})

test('one voter up to three members, four from four on; all hold the same blocks', async () => {
  const sections = await joinAll(createMemoryNetwork(), 3)
  for (const section of sections) expect(section.status.voters).toBe(1)
  const { section: fourth, joined } = await openSectionTab(networkOf(sections))
  await joined
  const all = [...sections, fourth]
  await Promise.all(all.map((section) => until(section, ({ voters }) => voters === 4)))
  const receipts = all.flatMap((section, who) => Array.from({ length: 5 }, (_, i) => section.submit({ who, i })))
  const finals = await Promise.all(receipts.map((receipt) => receipt.final))
  const height = Math.max(...finals.map((final) => final.height))
  await Promise.all(all.map((section) => until(section, (status) => status.height >= height)))
  for (const section of all) expect(hashes(section, height)).toEqual(hashes(fourth, height))
  const ids = Array.from({ length: height }, (_, i) => fourth.block(i + 1)?.transactions.map(({ id }) => id)).flat()
  expect(ids.toSorted()).toEqual(receipts.map(({ id }) => id).toSorted())
})

test('of four voters any one may vanish: the rest go on, with one voter', async () => {
  const sections = await joinAll(createMemoryNetwork(), 4)
  await Promise.all(sections.map((section) => until(section, ({ voters }) => voters === 4)))
  const [gone, ...rest] = sections as [Section, ...Section[]]
  await gone.close()
  await expect(rest[0]?.submit('still here').final).resolves.toBeDefined()
  await Promise.all(rest.map((section) => until(section, ({ voters }) => voters === 1)))
})

test('who leaves is removed, and a voter hands over first', async () => {
  const [founder, other] = (await joinAll(createMemoryNetwork(), 2)) as [Section, Section]
  await founder.leave()
  await until(other, ({ members, role }) => members.length === 1 && role === 'voter')
  await expect(other.submit('mine now').final).resolves.toBeDefined()
})

test('a block is certified by more than two thirds of its voters', async () => {
  const sections = await joinAll(createMemoryNetwork(), 4)
  await Promise.all(sections.map((section) => until(section, ({ voters }) => voters === 4)))
  const { height } = await (sections[1] as Section).submit('proof').final
  const certificate = await (sections[2] as Section).certificate(height)
  expect(certificate.attestations.length).toBeGreaterThanOrEqual(3)
  expect(certificate.blockHash).toBe(sections[0]?.block(height)?.hash)
})

const networks = new WeakMap<Section, MemoryNetwork>()

function networkOf(sections: readonly Section[]): MemoryNetwork {
  return networks.get(sections[0] as Section) as MemoryNetwork
}
