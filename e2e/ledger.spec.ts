/** The multiplayer ledger, from several tabs to one order of payments. */
import { expect, type Page, test } from './site.ts'
import { everyTabAgrees, everyTabPays25, everyTabShows, factsOf, pay } from './tabs.ts'

test('two tabs, then three, then four grow one section and agree on every payment', { tag: '@every-browser' }, async ({
  openTab,
}) => {
  const tabs: Page[] = []
  const join = async () => {
    tabs.push(await openTab())
    const voters = tabs.length >= 4 ? 4 : 1
    await everyTabShows(tabs, {
      state: 'ready',
      members: tabs.length,
      accounts: tabs.length,
      voters,
      reachable: voters,
    })
  }
  await join()
  for (const size of [2, 3, 4]) {
    await join()
    await everyTabPays25(tabs)
    const { accounts, sum } = await everyTabAgrees(tabs)
    expect({ accounts, sum }).toEqual({ accounts: size, sum: 100 * size })
  }
  const identities = await Promise.all(tabs.map(factsOf))
  expect(new Set(identities.map(({ me }) => me)).size).toBe(4)
})

test('an overdraft is in a block, and every tab refuses it', { tag: '@every-browser' }, async ({ openTab }) => {
  const tabs = await openTabs(openTab, 2)
  const [ann, bob] = tabs as [Page, Page]
  const { me } = await factsOf(bob)
  await pay(ann, me, 101)
  await expect(ann.locator('body')).toHaveAttribute('data-refused', '1')
  await everyTabAgrees(tabs)
  for (const tab of tabs) await expect(tab.locator('[data-refusal=overdraft]')).toHaveCount(1)
  await pay(ann, me, 100)
  await everyTabAgrees(tabs)
  for (const tab of tabs) await expect(tab.locator(`[data-peer="${me}"]`)).toHaveAttribute('data-balance', '200')
})

test('with two tabs, the one that does not vote closes and the other goes on', async ({ openTab }) => {
  const [ann, bob] = (await openTabs(openTab, 2)) as [Page, Page]
  await everyTabShows([ann], { role: 'voter' })
  await everyTabShows([bob], { role: 'member' })
  await bob.close()
  await everyTabPays25([ann])
  await everyTabAgrees([ann])
})

for (const closed of [0, 1, 2, 3]) {
  test(`with four tabs, number ${closed + 1} closes and the rest go on`, async ({ openTab }) => {
    const tabs = await openTabs(openTab, 4)
    await everyTabPays25(tabs)
    await tabs[closed]?.close()
    const rest = tabs.filter((_, index) => index !== closed)
    await everyTabPays25(rest)
    expect(await everyTabAgrees(rest)).toMatchObject({ accounts: 4, sum: 400 })
  })
}

test('a reloaded tab comes back as the same member and catches up', { tag: '@every-browser' }, async ({ openTab }) => {
  const tabs = await openTabs(openTab, 4)
  await everyTabPays25(tabs)
  const [reloaded, ...rest] = tabs as [Page, ...Page[]]
  const { me, section, height } = await factsOf(reloaded)
  await reloaded.goto('about:blank')
  await everyTabPays25(rest)
  await reloaded.goBack()
  await everyTabShows([reloaded], { me, section, state: 'ready', paid: 25 })
  expect((await everyTabAgrees(tabs)).height).toBeGreaterThan(height)
  await everyTabPays25(tabs)
  expect(await everyTabAgrees(tabs)).toMatchObject({ accounts: 4, sum: 400 })
})

test('a fifth tab joins late and holds the same ledger', async ({ openTab }) => {
  const tabs = await openTabs(openTab, 4)
  await everyTabPays25(tabs)
  tabs.push(await openTab())
  await everyTabShows(tabs, { state: 'ready', members: 5, accounts: 5, voters: 4 })
  await everyTabAgrees(tabs)
  await everyTabPays25(tabs)
  expect(await everyTabAgrees(tabs)).toMatchObject({ accounts: 5, sum: 500 })
})

/** Tabs that all belong to one section, with the number of voters that it should have. */
async function openTabs(openTab: () => Promise<Page>, count: number): Promise<Page[]> {
  const tabs: Page[] = []
  for (let number = 1; number <= count; number++) {
    tabs.push(await openTab())
    await everyTabShows(tabs, { members: number, accounts: number })
  }
  const voters = count >= 4 ? 4 : 1
  await everyTabShows(tabs, { state: 'ready', voters, reachable: voters })
  return tabs
}
