import { expect, test } from 'vitest'
import { createRealParty } from '../../test/coin-party.ts'
import { openSectionTab, until } from '../../test/sections.ts'
import { createIdentity, type Identity } from '../crypto/index.ts'
import { createMemoryNetwork, type MemoryNetwork } from '../transport/memory.ts'
import type { Section } from './types.ts'

async function join(network: MemoryNetwork, identity: Identity): Promise<Section> {
  const { section, joined } = await openSectionTab(network, { identity })
  await joined
  return section
}

async function joinAll(network: MemoryNetwork, identities: readonly Identity[]): Promise<readonly Section[]> {
  const sections: Section[] = []
  for (const identity of identities) sections.push(await join(network, identity))
  return sections
}

const honest = (count: number) => Promise.all(Array.from({ length: count }, createIdentity))

const allActive = (sections: readonly Section[]) =>
  Promise.all(sections.map((section) => until(section, ({ coin }) => coin === 'active')))

test('four tabs make a key while payments become final, and draw one random value for a block', async () => {
  const sections = await joinAll(createMemoryNetwork(), await honest(4))
  const [first, second] = sections as [Section, Section]
  const receipts = sections.map((section, i) => section.submit({ payment: i }))
  await allActive(sections)
  await Promise.all(receipts.map(({ final }) => final))
  expect(first.diagnostics().coin.epoch).toBeGreaterThan(0)
  const { height } = await second.submit('roll the dice', { draw: true }).final
  const values = await Promise.all(sections.map((section) => section.randomness(height)))
  expect(values[0]).toEqual({ value: expect.stringMatching(/^[0-9a-f]{64}$/), isFair: true })
  for (const value of values) expect(value).toEqual(values[0])
  const later = await Promise.all(sections.map((section) => section.randomness(1)))
  for (const value of later) expect(value).toEqual(later[0])
  expect(later[0]).not.toEqual(values[0])
}, 60_000)

/** An identity whose deals are none. */
function cheating(identity: Identity): Identity {
  const { coin } = createRealParty(identity.peer)
  const noDeal = new Uint8Array(100)
  const inSteps = {
    ...coin.inSteps,
    // biome-ignore lint/correctness/useYield: it takes no time.
    *deal() {
      return noDeal
    },
  }
  return { ...identity, createCoin: () => ({ ...coin, inSteps }) }
}

test('a dealer that cheats is removed, a waiting member takes its place, and they make a key without it', async () => {
  const [first, second, ...others] = (await honest(5)) as [Identity, Identity, ...Identity[]]
  const sections = await joinAll(createMemoryNetwork(), [first, cheating(second), ...others])
  const judges = sections.filter(({ me }) => me !== second.peer)
  for (const judge of judges) {
    await until(judge, ({ members }) => members.every(({ peer }) => peer !== second.peer))
    expect(judge.diagnostics().malice).toContainEqual(
      expect.objectContaining({ kind: 'badDeal', accused: second.peer }),
    )
  }
  await allActive(judges)
}, 60_000)

test('alone in a section a value can be drawn, too, and says that it is not fair', async () => {
  const [alone] = (await joinAll(createMemoryNetwork(), await honest(1))) as [Section]
  const { height } = await alone.submit('roll', { draw: true }).final
  expect(await alone.randomness(height)).toMatchObject({ isFair: false })
})

test('a random value is asked for by a height from 1, in a section that goes on', async () => {
  const [alone] = (await joinAll(createMemoryNetwork(), await honest(1))) as [Section]
  for (const height of [0, 1.5, -1]) {
    await expect(alone.randomness(height)).rejects.toMatchObject({ code: 'badOptions' })
  }
  const drawn = alone.randomness(99)
  await alone.close()
  await expect(drawn).rejects.toMatchObject({ code: 'closed' })
})
