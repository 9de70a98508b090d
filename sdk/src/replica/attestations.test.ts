import { expect, test, vi } from 'vitest'
import { blockAfter, createFakeSection, type FakeSection, settled } from '../../test/fake-section.ts'
import type { FinalBlock, PeerId } from '../index.ts'
import { accept, type Machine, type Replica, type ReplicaOptions, replicate, stateHash } from './index.ts'

const sum: Machine<number> = {
  version: 1,
  initial: 0,
  apply: (total, { value }) => accept(total + (value as number)),
}

/** A machine that keeps something beside its state. */
function forgetful(): Machine<number> {
  let calls = 0
  return { ...sum, apply: (total) => accept(total + ++calls) }
}

interface Tab {
  readonly fake: FakeSection
  readonly replica: Replica<number, string>
}

function openTab(name: PeerId, role: 'voter' | 'member', machine = sum, options: ReplicaOptions = {}): Tab {
  const fake = createFakeSection(name)
  fake.setStatus({ role })
  return { fake, replica: replicate(fake.section, machine, { attestEvery: 2, ...options }) }
}

/** One chain for several tabs. */
function createChain(tabs: readonly Tab[]) {
  let last: FinalBlock | null = null
  const put = async (transactions: readonly { creator: string; value: unknown; id: string }[]) => {
    last = blockAfter(last, transactions)
    for (const { fake } of tabs) fake.deliver(last)
    await settled()
  }
  return {
    put,
    add: (...numbers: readonly number[]) =>
      put(numbers.map((value, at) => ({ creator: 'zoe', value, id: `${last?.height}-${at}` }))),
    /** What the tabs submitted becomes final; answers how much that was. */
    async attest() {
      const submitted = tabs.flatMap(({ fake }) => [...fake.submitted])
      if (submitted.length > 0) await put(submitted)
      return submitted.length
    },
  }
}

test('voters attest the hash of the state every so many blocks, members do not', async () => {
  const [ann, ben] = [openTab('ann', 'voter'), openTab('ben', 'member')]
  const chain = createChain([ann, ben])
  await chain.add(1)
  expect(ann.fake.submitted).toEqual([])
  await chain.add(2)
  const attestation = { name: '', version: 1, height: 2, hash: stateHash(3) }
  expect(ann.fake.submitted).toMatchObject([{ value: { 'parsec-web/replica': attestation }, draw: false }])
  expect(ben.fake.submitted).toEqual([])
})

test('attestations are no transactions of the machine, and blocks of nothing else do not count: an idle section stays idle', async () => {
  const tabs = ['ann', 'ben', 'cas'].map((name) => openTab(name, 'voter'))
  const chain = createChain(tabs)
  await chain.add(1)
  await chain.add(2)
  expect(await chain.attest()).toBe(3)
  expect(await chain.attest()).toBe(0)
  expect(tabs[0]?.replica.current).toMatchObject({ final: 3, height: 3, divergence: null, fault: null })
})

test('a state that differs is reported on both sides, with the height and the peers', async () => {
  const [ann, ben] = [openTab('ann', 'voter'), openTab('ben', 'voter')]
  const cas = openTab('cas', 'voter', forgetful())
  const chain = createChain([ann, ben, cas])
  const seen = vi.fn()
  ann.replica.on('divergence', seen)
  await chain.add(5)
  await chain.add(5)
  await chain.attest()
  const differing = [{ peer: 'cas', version: 1, hash: stateHash(3) }]
  const divergence = { height: 2, hash: stateHash(10), agreeing: ['ann', 'ben'], differing }
  expect(ann.replica.current.divergence).toEqual(divergence)
  expect(ben.replica.current.divergence).toEqual(divergence)
  expect(seen).toHaveBeenCalledExactlyOnceWith(divergence)
  expect(cas.replica.current.divergence).toMatchObject({
    hash: stateHash(3),
    differing: [{ peer: 'ann' }, { peer: 'ben' }],
  })
})

test('a member that comes to another state than a voter says so once, so that all learn of it', async () => {
  const [ann, ben] = [openTab('ann', 'voter'), openTab('ben', 'member', forgetful())]
  const chain = createChain([ann, ben])
  await chain.add(5)
  await chain.add(5)
  expect(await chain.attest()).toBe(1)
  expect(ben.replica.current.divergence).toMatchObject({ differing: [{ peer: 'ann' }] })
  expect(await chain.attest()).toBe(1)
  expect(ann.replica.current.divergence).toMatchObject({ height: 2, differing: [{ peer: 'ben' }] })
  expect(await chain.attest()).toBe(0)
})

test('another version is named with its state', async () => {
  const [ann, ben] = [openTab('ann', 'voter'), openTab('ben', 'voter', { ...sum, version: 'next', initial: 100 })]
  const chain = createChain([ann, ben])
  await chain.add(1)
  await chain.add(1)
  await chain.attest()
  expect(ann.replica.current.divergence?.differing).toEqual([{ peer: 'ben', version: 'next', hash: stateHash(102) }])
})

test('machines with different names do not hear each other', async () => {
  const [ann, ben] = [openTab('ann', 'voter'), openTab('ben', 'voter', { ...forgetful(), name: 'other' })]
  const chain = createChain([ann, ben])
  await chain.add(7)
  await chain.add(7)
  expect(await chain.attest()).toBe(2)
  expect(ann.replica.current.divergence).toBeNull()
})

test('a replica that comes late says nothing about what was attested before', async () => {
  const ann = openTab('ann', 'voter')
  const chain = createChain([ann])
  for (const value of [1, 2]) await chain.add(value)
  await chain.attest()
  const before = replicate(ann.fake.section, sum, { attestEvery: 2 })
  await settled()
  expect(before.current).toMatchObject({ final: 3, height: 3 })
  expect(ann.fake.submitted).toEqual([])
})

test('attestations that are none, and such of heights that nobody attests, change nothing', async () => {
  const ann = openTab('ann', 'voter')
  const chain = createChain([ann])
  await chain.add(1)
  await chain.add(1)
  const sound = { name: '', version: 1, height: 2, hash: 'f'.repeat(64) }
  const forged = [
    null,
    5,
    { ...sound, name: 1 },
    { ...sound, hash: 'x' },
    { ...sound, version: {} },
    { ...sound, height: '2' },
    { ...sound, height: 1 },
    { ...sound, version: 'v'.repeat(65) },
  ]
  await chain.put(forged.map((value, at) => ({ creator: 'eve', id: `${at}`, value: { 'parsec-web/replica': value } })))
  expect(ann.replica.current).toMatchObject({ final: 2, height: 3, divergence: null, fault: null })
})

test('who says the same again is reported once', async () => {
  const ann = openTab('ann', 'voter')
  const chain = createChain([ann])
  const seen = vi.fn()
  ann.replica.on('divergence', seen)
  for (const value of [1, 1]) await chain.add(value)
  const value = { 'parsec-web/replica': { name: '', version: 1, height: 2, hash: 'f'.repeat(64) } }
  for (const id of ['once', 'twice']) await chain.put([{ creator: 'eve', id, value }])
  expect(seen).toHaveBeenCalledTimes(1)
})

test('with attestEvery 0 nothing is attested', async () => {
  const ann = openTab('ann', 'voter', sum, { attestEvery: 0 })
  const chain = createChain([ann])
  for (const value of [1, 2, 3, 4]) await chain.add(value)
  expect(await chain.attest()).toBe(0)
})
