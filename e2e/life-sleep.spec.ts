/** A tab in the background, and one that is frozen, among others under load: nothing is lost, and nobody is accused. */
import { type BareTab, startBareBrowser } from './bare-browser.ts'
import { expect, type Page, test as site } from './site.ts'
import { everyTabAgrees, everyTabPays25, everyTabShows, factsOf } from './tabs.ts'

const longMs = 120_000

interface Sleeper {
  /** Of the body's data: what the demo shows. */
  readonly facts: () => Promise<Record<string, string>>
  readonly pay25: () => Promise<void>
  readonly freeze: () => Promise<void>
  readonly thaw: () => Promise<void>
}

/** A tab that is hidden behind another one, and that came first to the room. */
const test = site.extend<{ sleeper: Sleeper }>({
  sleeper: async ({ address }, use) => {
    const browser = await startBareBrowser()
    const tab = await browser.open(address)
    const facts = async () => JSON.parse(String(await tab.evaluate('JSON.stringify(document.body?.dataset ?? {})')))
    await expect.poll(facts).toMatchObject({ phase: 'live', role: 'voter' })
    await browser.open('about:blank')
    await expect.poll(() => tab.evaluate('document.visibilityState')).toBe('hidden')
    await use({ facts, ...handles(tab) })
    await browser.close()
  },
})

const handles = (tab: BareTab) => ({
  pay25: async () => void (await tab.evaluate('document.querySelector("button[name=many]").click()')),
  freeze: () => tab.setLifecycle('frozen'),
  thaw: () => tab.setLifecycle('active'),
})

test.describe.configure({ timeout: 120_000 })

test('a frozen tab is asleep, not accused; awake, it catches up and goes on', { tag: '@long' }, async ({
  openTab,
  sleeper,
}) => {
  const tabs = await openBeside(sleeper, openTab, 4)
  await everyTabPays25(tabs)
  const { me } = (await sleeper.facts()) as { me: string }
  await sleeper.freeze()
  for (const tab of tabs) await expect(tab.locator(`[data-peer="${me}"]`)).toContainText('asleep')
  // The one that waited votes in its place.
  await everyTabShows(tabs, { state: 'ready', voters: 4, reachable: 4, asleep: 0 })
  await everyTabPays25(tabs)
  const { height } = await everyTabAgrees(tabs)
  await sleeper.thaw()
  await sleeper.pay25()
  await expect.poll(sleeper.facts).toMatchObject({ state: 'ready', paid: '25', accounts: '5', sum: '500' })
  await everyTabPays25(tabs)
  await everyoneAgrees(tabs, sleeper)
  expect((await factsOf(tabs[0] as Page)).height).toBeGreaterThan(height)
})

test('a sole voter that is frozen hands over first', { tag: '@long' }, async ({ openTab, sleeper }) => {
  const tabs = await openBeside(sleeper, openTab, 1)
  await sleeper.freeze()
  await everyTabPays25(tabs)
  await everyTabShows(tabs, { role: 'voter', state: 'ready' })
  await sleeper.thaw()
  await sleeper.pay25()
  await expect.poll(sleeper.facts).toMatchObject({ state: 'ready', role: 'member', paid: '25' })
  await everyoneAgrees(tabs, sleeper)
})

test('two minutes in the background under load: it votes all the while, and nothing is lost', {
  tag: '@long',
}, async ({ openTab, sleeper }) => {
  test.setTimeout(longMs + 120_000)
  const tabs = await openBeside(sleeper, openTab, 3)
  await everyTabShows(tabs, { voters: 4, reachable: 4 })
  const startedMs = Date.now()
  let rounds = 0
  for (; Date.now() - startedMs < longMs; rounds++) {
    await sleeper.pay25()
    await everyTabPays25(tabs)
  }
  await expect.poll(sleeper.facts).toMatchObject({ paid: String(25 * rounds), pending: '0' })
  await everyoneAgrees(tabs, sleeper)
  await everyTabShows(tabs, { state: 'ready', voters: 4, reachable: 4 })
  console.log(`${rounds} rounds of 100 payments, ${(await sleeper.facts())['height']} blocks`)
})

/** Tabs of another browser, in the sleeper's section; each knows all the others, whom it may pay. */
async function openBeside({ facts }: Sleeper, openTab: () => Promise<Page>, count: number): Promise<Page[]> {
  const tabs: Page[] = []
  for (let number = 1; number <= count; number++) {
    tabs.push(await openTab())
    await everyTabShows(tabs, { members: number + 1, accounts: number + 1 })
  }
  const voters = count >= 3 ? 4 : 1
  await everyTabShows(tabs, { state: 'ready', voters, reachable: voters })
  // Its timers are slow, and so is what it shows.
  await expect.poll(facts).toMatchObject({ members: String(count + 1), accounts: String(count + 1) })
  return tabs
}

async function everyoneAgrees(tabs: readonly Page[], { facts }: Sleeper): Promise<void> {
  await expect.poll(async () => (await facts())['ledgerHash'] === (await everyTabAgrees(tabs)).ledgerHash).toBe(true)
  for (const { diagnostics = '{}' } of [await facts(), ...(await Promise.all(tabs.map(factsOf)))]) {
    expect(JSON.parse(diagnostics)).toMatchObject({ malice: [] })
  }
}
