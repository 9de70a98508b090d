/**
 * The back/forward cache of a real browser, which Playwright's own browsers are started without: a page that the user
 * leaves is kept as it is, and goes on when the user comes back to it.
 */
import { expectNoMalice, openIn, test } from './own-site.ts'
import { expect, type Page } from './site.ts'
import { everyTabAgrees, everyTabPays25, everyTabShows, factsOf, openTabs } from './tabs.ts'

// Up to four tabs in two browsers.
test.describe.configure({ timeout: 180_000 })

type Marked = Window & { shown?: boolean }

for (const worker of ['no', 'yes'] as const) {
  test(`a page that the user leaves and comes back to is the same member and goes on; worker: ${worker}`, {
    tag: '@long',
  }, async ({ openTab, startBrowser, profile, address }) => {
    const rest = await openTabs(openTab, 3)
    const { context } = await startBrowser(profile)
    const away = await openIn(context, `${address}&worker=${worker}`)
    await everyTabShows([...rest, away], { state: 'ready', members: 4, accounts: 4, voters: 4, reachable: 4 })
    await everyTabPays25([away])
    const { me, section } = await factsOf(away)
    // Left while some of it is on its way.
    await away.locator('button[name=many]').click()
    await goAway(away, address)
    await everyTabShows(rest, { online: 3 })
    await everyTabPays25(rest)
    await comeBack(away)
    await everyTabShows([away], { me, section, state: 'ready', paid: 50, pending: 0 })
    const all = [...rest, away]
    await everyTabAgrees(all)
    await everyTabPays25(all)
    expect(await everyTabAgrees(all)).toMatchObject({ accounts: 4, sum: 400 })
    await expectNoMalice(all)
  })

  test(`a sole voter that the user leaves hands over, and comes back as a member; worker: ${worker}`, async ({
    openTab,
    startBrowser,
    profile,
    address,
  }) => {
    const { context } = await startBrowser(profile)
    const founder = await openIn(context, `${address}&worker=${worker}`)
    await everyTabShows([founder], { state: 'ready', role: 'voter' })
    const other = await openTab()
    const tabs = [founder, other]
    await everyTabShows(tabs, { state: 'ready', members: 2, accounts: 2 })
    const { me } = await factsOf(founder)
    await everyTabShows([founder], { role: 'voter' })
    await goAway(founder, address)
    await everyTabShows([other], { role: 'voter', online: 1 })
    await everyTabPays25([other])
    await comeBack(founder)
    await everyTabShows([founder], { me, state: 'ready', role: 'member' })
    await everyTabPays25(tabs)
    expect(await everyTabAgrees(tabs)).toMatchObject({ accounts: 2, sum: 200 })
    await expectNoMalice(tabs)
  })
}

/** To another page of the same site. */
async function goAway(tab: Page, address: string): Promise<void> {
  await tab.evaluate(() => {
    addEventListener('pageshow', ({ persisted }) => {
      const marked = window as Marked
      marked.shown = persisted
    })
  })
  await tab.goto(new URL('favicon.svg', address).href)
}

/** The page itself is shown again, with all that it holds, the section among it: it is not loaded anew. */
async function comeBack(tab: Page): Promise<void> {
  await tab.goBack({ waitUntil: 'commit' })
  await expect
    .poll(() => tab.evaluate(whyNotKept), { message: 'the page is out of the back/forward cache' })
    .toEqual({ shown: true, reasons: null })
}

/** Runs in the page. */
function whyNotKept(): { readonly shown: boolean | undefined; readonly reasons: unknown } {
  const [navigation] = performance.getEntriesByType('navigation') as (PerformanceEntry & {
    readonly notRestoredReasons?: { toJSON(): unknown } | null
  })[]
  return { shown: (window as Marked).shown, reasons: navigation?.notRestoredReasons?.toJSON() ?? null }
}
