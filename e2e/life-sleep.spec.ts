/** Tabs in the background and tabs that are frozen, under load: nothing is lost, and nobody is accused. */
import type { CDPSession } from '@playwright/test'
import { expect, type Page, test } from './site.ts'
import { everyTabAgrees, everyTabPays25, everyTabShows, factsOf, openTabs } from './tabs.ts'

const longMs = 120_000

test('a frozen tab is asleep, not accused; awake, it catches up and goes on', { tag: '@long' }, async ({ openTab }) => {
  test.setTimeout(120_000)
  const tabs = await openTabs(openTab, 5)
  await everyTabPays25(tabs)
  const [sleeper, ...rest] = tabs as [Page, ...Page[]]
  const { me } = await factsOf(sleeper)
  const cdp = await sleeper.context().newCDPSession(sleeper)
  await freeze(cdp)
  for (const tab of rest) await expect(tab.locator(`[data-peer="${me}"]`)).toContainText('asleep')
  // The one that waited votes in its place.
  await everyTabShows(rest, { state: 'ready', voters: 4, reachable: 4, asleep: 0 })
  await everyTabPays25(rest)
  await everyTabAgrees(rest)
  await thaw(cdp)
  await everyTabPays25(tabs)
  expect(await everyTabAgrees(tabs)).toMatchObject({ accounts: 5, sum: 500 })
  for (const tab of tabs) expect(JSON.parse((await factsOf(tab)).diagnostics)).toMatchObject({ malice: [] })
})

test('a sole voter that is frozen hands over first', { tag: '@long' }, async ({ openTab }) => {
  const [founder, other] = (await openTabs(openTab, 2)) as [Page, Page]
  const cdp = await founder.context().newCDPSession(founder)
  await freeze(cdp)
  await everyTabPays25([other])
  await everyTabShows([other], { role: 'voter', state: 'ready' })
  await thaw(cdp)
  await everyTabShows([founder], { role: 'member', state: 'ready' })
  await everyTabPays25([founder, other])
  await everyTabAgrees([founder, other])
})

test('two minutes in the background under load: it votes on all the while, and nothing is lost', {
  tag: '@long',
}, async ({ openTab }) => {
  test.setTimeout(longMs + 120_000)
  const tabs = await openTabs(openTab, 4)
  const [hidden, ...rest] = tabs as [Page, ...Page[]]
  const cdp = await hidden.context().newCDPSession(hidden)
  await cdp.send('Emulation.setFocusEmulationEnabled', { enabled: false })
  await (rest[0] as Page).bringToFront()
  const startedMs = Date.now()
  let rounds = 0
  while (Date.now() - startedMs < longMs) {
    await everyTabPays25(rest)
    rounds++
  }
  const { height } = await everyTabAgrees(tabs)
  console.log(
    `${rounds} rounds of 75 payments, ${height} blocks, hidden: ${await hidden.evaluate(() => document.hidden)}`,
  )
  await everyTabShows(tabs, { state: 'ready', voters: 4, reachable: 4 })
  await everyTabPays25(tabs)
  expect(await everyTabAgrees(tabs)).toMatchObject({ accounts: 4, sum: 400 })
  for (const tab of tabs) expect(JSON.parse((await factsOf(tab)).diagnostics)).toMatchObject({ malice: [] })
})

/** As the browser does with tabs that were in the background for long: no task of the page runs. */
async function freeze(cdp: CDPSession): Promise<void> {
  await cdp.send('Page.setWebLifecycleState', { state: 'frozen' })
}

async function thaw(cdp: CDPSession): Promise<void> {
  await cdp.send('Page.setWebLifecycleState', { state: 'active' })
}
