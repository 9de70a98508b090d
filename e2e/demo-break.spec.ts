/** The panel that breaks things: traitors are caught on screen, and a section outlives what is done to a tab. */
import { expect, type Page, test } from './site.ts'
import { everyTabAgrees, everyTabPays25, everyTabShows, factsOf, openTabs } from './tabs.ts'

/** From the fork to the removal, as the others show it. */
const caughtWithinMs = 5_000

for (const { place, tag } of [
  { place: 'in a worker', tag: [] },
  { place: 'on the page', tag: ['@long'] },
] as const) {
  const name = `a tab whose section runs ${place} spends its coins twice, and is accused and removed on every screen`
  test(name, { tag: [...tag] }, async ({ openPage, demo }) => {
    const query: Record<string, string> = place === 'on the page' ? { worker: 'no' } : {}
    const tabs = await openTabs(() => openPage(demo, { query }), 4)
    const [traitor, ...others] = tabs as [Page, ...Page[]]
    const { me } = await factsOf(traitor)
    await traitor.locator('button[name=break]').click()
    await expect(traitor.getByText('signs two different events at one place')).toBeVisible()
    await traitor.locator('button[name=fork]').click()
    const caught = async (tab: Page) => {
      const trial = tab.locator(`[data-accused="${me}"]`)
      await expect(trial).toContainText('signed two different events at one place')
      await expect(trial).toContainText('was removed in block')
    }
    const startedMs = Date.now()
    await Promise.all(tabs.map(caught))
    expect(Date.now() - startedMs).toBeLessThan(caughtWithinMs)
    await expect(traitor.locator('body')).toHaveAttribute('data-role', 'removed')
    for (const tab of others) {
      await expect(tab.locator(`[data-peer="${me}"]`)).toContainText('expelled')
      await expect(tab.locator(`select[name=to] option[value="${me}"]`), 'nobody is offered to pay it').toHaveCount(0)
    }
    // Whatever became of the two payments, it is the same everywhere.
    expect(await everyTabAgrees(others)).toMatchObject({ accounts: 4, sum: 400 })
    await everyTabPays25(others)
    await everyTabAgrees(others)
  })
}

test('with fewer than four voters nobody can betray, and the panel says why', async ({ openTab }) => {
  const [tab] = (await openTabs(openTab, 2)) as [Page]
  await tab.locator('button[name=break]').click()
  await expect(tab.locator('button[name=fork]')).toBeDisabled()
  await expect(tab.getByText('Needs at least four members that vote')).toBeVisible()
})

test('what a cut tab misses is passed on by the others', { tag: '@long' }, async ({ openTab }) => {
  const tabs = await openTabs(openTab, 4)
  const [cut, other] = tabs as [Page, Page]
  await cut.locator('button[name=break]').click()
  const link = cut.locator(`[data-link="${(await factsOf(other)).me}"]`)
  await link.getByRole('checkbox').check()
  await everyTabPays25(tabs)
  await everyTabAgrees(tabs)
  await cut.getByRole('button', { name: 'Mend all' }).click()
  await expect(link.getByRole('checkbox')).not.toBeChecked()
})

test('payments of a delayed tab take longer, and become final', { tag: '@long' }, async ({ openTab }) => {
  const tabs = await openTabs(openTab, 4)
  const [slow] = tabs as [Page]
  await slow.locator('button[name=break]').click()
  for (const delay of await slow.locator('select[name=delay]').all()) await delay.selectOption('500')
  await everyTabPays25([slow])
  // Nobody hears of them sooner. Below a second the page tells milliseconds.
  const latencies = (await slow.locator('.account .when').allTextContents()).join(' ').match(/(\d+) ms/g) ?? []
  for (const latency of latencies) expect(Number.parseInt(latency, 10)).toBeGreaterThanOrEqual(500)
  await everyTabAgrees(tabs)
})

test('a frozen tab is away for the others, who go on; thawed, it catches up, and what it asked for becomes final', {
  tag: '@long',
}, async ({ openTab }) => {
  const tabs = await openTabs(openTab, 4)
  const [frozen, ...others] = tabs as [Page, ...Page[]]
  const { me } = await factsOf(frozen)
  await frozen.locator('button[name=break]').click()
  await frozen.locator('button[name=freeze]').click()
  await expect(frozen.getByText('this tab hears and says nothing')).toBeVisible()
  await frozen.locator('button[name=many]').click()
  await everyTabPays25(others)
  for (const tab of others) await expect(tab.locator(`[data-peer="${me}"]`)).toContainText('away')
  await expect(frozen.getByText('Nothing becomes final now')).toBeVisible()
  await expect(frozen.getByText('payments wait. They are not lost')).toBeVisible()
  await frozen.locator('button[name=freeze]').click()
  await everyTabShows([frozen], { state: 'ready', paid: 25 })
  await everyTabAgrees(tabs)
})

test('a killed tab comes back as the same member, and nothing it said is lost', async ({ openTab }) => {
  const tabs = await openTabs(openTab, 4)
  const [killed] = tabs as [Page]
  await everyTabPays25(tabs)
  const { me } = await factsOf(killed)
  killed.on('dialog', (dialog) => void dialog.accept())
  await killed.locator('button[name=break]').click()
  await Promise.all([killed.waitForEvent('load'), killed.locator('button[name=kill]').click()])
  await everyTabShows([killed], { me, state: 'ready', paid: 25 })
  await everyTabPays25(tabs)
  expect(await everyTabAgrees(tabs)).toMatchObject({ accounts: 4, sum: 400 })
})
