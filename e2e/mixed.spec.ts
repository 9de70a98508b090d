/** Sections of tabs in Chromium and in Firefox: whoever founds them, and whichever browser goes away. */
import type { Browser, BrowserContext } from '@playwright/test'
import { browsersUnderTest } from '../scripts/browsers.ts'
import { everyoneHas, everyoneIsLinked, everyoneSees, labelsOf, submit } from './network/peers.ts'
import { test as base, expect, type Page } from './network/site.ts'
import { everyTabAgrees, everyTabPays25, everyTabShows, factsOf, openTabs } from './tabs.ts'

type Name = 'chromium' | 'firefox'

interface Each {
  /** A profile in each browser; Chromium's is the one of the test. */
  readonly profiles: Readonly<Record<Name, BrowserContext>>
  /** Opens the demo in this test's room and waits until it takes part. */
  readonly openTabIn: (name: Name) => Promise<Page>
  /** Opens a test peer there and waits until it is a member. */
  readonly openPeerIn: (name: Name) => Promise<Page>
}

const test = base.extend<Each, { readonly firefox: Browser }>({
  firefox: [
    async ({ playwright }, use) => {
      const browser = await playwright.firefox.launch(browsersUnderTest().get('firefox'))
      await use(browser)
      await browser.close()
    },
    { scope: 'worker' },
  ],
  profiles: async ({ context, firefox }, use) => {
    const profiles = { chromium: context, firefox: await firefox.newContext() }
    const thrown: string[] = []
    for (const profile of Object.values(profiles)) {
      profile.on('weberror', (error) => thrown.push(String(error.error())))
    }
    await use(profiles)
    await profiles.firefox.close()
    expect(thrown, 'nothing is thrown into a page').toEqual([])
  },
  openTabIn: async ({ profiles, address }, use) => {
    await use((name) => openLive(profiles[name], address))
  },
  openPeerIn: async ({ profiles, testPage, room, signaling }, use) => {
    const address = new URL(testPage.url)
    address.search = String(new URLSearchParams({ room, signaling: signaling.url }))
    await use((name) => openLive(profiles[name], address.href))
  },
})

async function openLive(profile: BrowserContext, address: string): Promise<Page> {
  const page = await profile.newPage()
  await page.goto(address)
  await expect(page.locator('body')).toHaveAttribute('data-phase', 'live')
  return page
}

/** Tabs of one section, in these browsers, the founder first. */
function openIn(names: readonly Name[], open: (name: Name) => Promise<Page>): Promise<Page[]> {
  const left = [...names]
  return openTabs(() => open(left.shift() as Name), names.length)
}

test('two tabs of each browser pay; one of each reloads, one of each closes, and the rest go on', async ({
  openTabIn,
}) => {
  const tabs = await openIn(['chromium', 'firefox', 'chromium', 'firefox'], openTabIn)
  await everyTabPays25(tabs)
  expect(await everyTabAgrees(tabs)).toMatchObject({ accounts: 4, sum: 400 })
  const [chromium, firefox, ...closing] = tabs as [Page, Page, ...Page[]]
  for (const tab of [firefox, chromium]) {
    const { me, section } = await factsOf(tab)
    await tab.reload()
    await everyTabShows([tab], { me, section, state: 'ready' })
  }
  await everyTabPays25(tabs)
  for (const [index, tab] of closing.entries()) {
    await tab.close()
    const open = [chromium, firefox, ...closing.slice(index + 1)]
    await everyTabPays25(open)
    expect(await everyTabAgrees(open)).toMatchObject({ accounts: 4, sum: 400 })
  }
})

for (const [founder, others] of [
  ['firefox', 'chromium'],
  ['chromium', 'firefox'],
] as const) {
  test(`a tab in ${founder} founds, three in ${others} join; ${founder} goes away, the rest go on, and a newcomer in it catches up`, async ({
    openTabIn,
    profiles,
  }) => {
    const tabs = await openIn([founder, others, others, others], openTabIn)
    await everyTabPays25(tabs)
    await everyTabAgrees(tabs)
    const [own, ...rest] = tabs as [Page, ...Page[]]
    const { section } = await factsOf(own)
    for (const page of profiles[founder].pages()) await page.close()
    await everyTabPays25(rest)
    const { height } = await everyTabAgrees(rest)
    await everyTabShows(rest, { state: 'ready', section })

    const late = await openTabIn(founder)
    const all = [...rest, late]
    await everyTabShows(all, { state: 'ready', section, online: 4 })
    await everyTabPays25(all)
    expect((await everyTabAgrees(all)).height).toBeGreaterThan(height)
    for (const tab of all) expect(JSON.parse((await factsOf(tab)).diagnostics)).toMatchObject({ malice: [] })
  })
}

test('every link between the browsers is a channel of its own, which carries a megabyte either way', async ({
  openPeerIn,
}) => {
  const names: Name[] = ['firefox', 'chromium', 'chromium', 'firefox']
  const peers: Page[] = []
  for (const name of names) peers.push(await openPeerIn(name))
  await everyoneSees(peers, { members: 4, voters: 4, state: 'ready' })
  await everyoneIsLinked(peers)
  for (const peer of peers) expect(await pathsOf(peer)).toEqual(['direct', 'direct', 'direct'])
  await Promise.all(peers.map((peer, index) => submit(peer, labelsOf(`${names[index]}${index}`, 25))))
  await submit(peers[0] as Page, ['large of Firefox'], 1_048_000)
  await submit(peers[1] as Page, ['large of Chromium'], 1_048_000)
  await everyoneHas(peers, [
    ...names.flatMap((name, index) => labelsOf(`${name}${index}`, 25)),
    'large of Firefox',
    'large of Chromium',
  ])
})

function pathsOf(peer: Page): Promise<string[]> {
  return peer.evaluate(() => globalThis.section.diagnostics().transport.peers.map(({ path }) => path))
}
