/** What tabs keep through crashes, reloads, copies and damage: the same member, nothing lost, nothing contradicted. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expectNoMalice, openIn, test } from './own-site.ts'
import { expect, type Page } from './site.ts'
import { everyTabAgrees, everyTabPays25, everyTabShows, factsOf, openTabs } from './tabs.ts'

// Up to five tabs in two browsers, some of them started twice.
test.describe.configure({ timeout: 180_000 })

for (const what of ['browser', 'tabs'] as const) {
  const name = `a tab is killed while it submits (SIGKILL of ${what === 'tabs' ? 'its process' : 'the browser'}), and comes back`
  test(name, { tag: '@long' }, async ({ openTab, startBrowser, profile, address }) => {
    const rest = await openTabs(openTab, 3)
    const before = await startBrowser(profile)
    const victim = await openIn(before.context, address)
    await everyTabShows([...rest, victim], { state: 'ready', members: 4, accounts: 4, voters: 4, reachable: 4 })
    await everyTabPays25([victim])
    const { me, section } = await factsOf(victim)
    await victim.locator('button[name=many]').click()
    await victim.locator('button[name=many]').click()
    await expect.poll(async () => (await factsOf(victim)).paid, { intervals: [10] }).toBeGreaterThan(25)
    const shown = await factsOf(victim)
    await before.kill(what)
    await everyTabPays25(rest)
    // Every block that it showed is a block of the others.
    expect(await blockAt(rest[0] as Page, shown.height)).toBe(shown.blockHash)
    const after = what === 'browser' ? await startBrowser(profile) : before
    const again = await openIn(after.context, address)
    expect(await factsOf(again)).toMatchObject({ me, section })
    const all = [...rest, again]
    await everyTabAgrees(all)
    await everyTabPays25(all)
    expect(await everyTabAgrees(all)).toMatchObject({ accounts: 4, sum: 400 })
    await expectNoMalice(all)
  })
}

test('a duplicated tab becomes another member', { tag: '@every-browser' }, async ({ openTab, context }) => {
  const tabs = await openTabs(openTab, 2)
  const opened = context.waitForEvent('page')
  await tabs[0]?.evaluate(() => void window.open(location.href))
  const all = [...tabs, await opened]
  await everyTabShows(all, { state: 'ready', members: 3, accounts: 3 })
  expect(new Set((await Promise.all(all.map(factsOf))).map(({ me }) => me)).size).toBe(3)
  await everyTabPays25(all)
  expect(await everyTabAgrees(all)).toMatchObject({ accounts: 3, sum: 300 })
  await expectNoMalice(all)
})

for (const worker of ['no', 'yes'] as const) {
  test(`a tab that is reloaded as another one is closed stays the same member; worker: ${worker}`, {
    tag: '@every-browser',
  }, async ({ context, address }) => {
    const openTab = () => openIn(context, `${address}&worker=${worker}`)
    const [stays, reloaded, closed] = (await openTabs(openTab, 3)) as [Page, Page, Page]
    const { me } = await factsOf(reloaded)
    // Its identity is the one that was taken up last, and free by now.
    await closed.close()
    await reloaded.reload()
    const rest = [stays, reloaded]
    await everyTabShows(rest, { state: 'ready', members: 3 })
    expect((await factsOf(reloaded)).me).toBe(me)
    await everyTabPays25(rest)
    expect(await everyTabAgrees(rest)).toMatchObject({ accounts: 3, sum: 300 })
    await expectNoMalice(rest)
  })
}

test('all tabs are reloaded at the same moment: each goes on as the member that it was', {
  tag: ['@long', '@every-browser'],
}, async ({ openTab }) => {
  const tabs = await openTabs(openTab, 4)
  await everyTabShows(tabs, { voters: 4, reachable: 4 })
  await everyTabPays25(tabs)
  const keys = async () => (await Promise.all(tabs.map(factsOf))).map(({ me }) => me)
  const before = await keys()
  await Promise.all(tabs.map((tab) => tab.reload()))
  for (const tab of tabs) await expect(tab.locator('body')).toHaveAttribute('data-phase', 'live')
  expect(await keys()).toEqual(before)
  await everyTabShows(tabs, { state: 'ready', members: 4 })
  await everyTabAgrees(tabs)
  await everyTabPays25(tabs)
  expect(await everyTabAgrees(tabs)).toMatchObject({ accounts: 4, sum: 400 })
  await expectNoMalice(tabs)
})

test('a tab whose storage is full stops, says why, and goes on once there is space', { tag: '@long' }, async ({
  openTab,
  startBrowser,
  profile,
  address,
}) => {
  test.setTimeout(180_000)
  const rest = await openTabs(openTab, 3)
  const { context } = await startBrowser(profile)
  const full = await openIn(context, address)
  await everyTabShows([...rest, full], { state: 'ready', members: 4, accounts: 4, voters: 4, reachable: 4 })
  await everyTabPays25([full])
  const { me } = await factsOf(full)
  const devTools = await context.newCDPSession(full)
  const { origin } = new URL(address)
  await devTools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 })
  await full.locator('button[name=many]').click()
  // Chromium looks at a quota anew after half a minute at the latest; till then the others give the tab something to keep.
  await expect(async () => {
    await everyTabPays25(rest)
    await expect.poll(async () => (await factsOf(full)).state, { timeout: 8_000 }).toBe('stopped')
  }).toPass({ timeout: 100_000 })
  await expect(full.locator('body')).toContainText('the storage of this site is full')
  await expect
    .poll(async () => JSON.parse((await factsOf(full)).diagnostics).storage)
    .toMatchObject({ persistent: true, reason: 'quota' })
  await everyTabPays25(rest)
  await everyTabAgrees(rest)
  await devTools.send('Storage.overrideQuotaForOrigin', { origin })
  await full.reload()
  await everyTabShows([full], { me, state: 'ready' })
  const all = [...rest, full]
  await everyTabAgrees(all)
  await everyTabPays25(all)
  expect(await everyTabAgrees(all)).toMatchObject({ accounts: 4, sum: 400 })
  await expectNoMalice(all)
})

test('a tab with damaged records is the same member, and fetches them again', { tag: '@long' }, async ({
  openTab,
  startBrowser,
  profile,
  address,
  room,
}) => {
  const rest = await openTabs(openTab, 3)
  const { context } = await startBrowser(profile)
  const damaged = await openIn(context, address)
  await everyTabShows([...rest, damaged], { state: 'ready', members: 4, accounts: 4, voters: 4, reachable: 4 })
  await everyTabPays25([...rest, damaged])
  await everyTabAgrees([...rest, damaged])
  const { me } = await factsOf(damaged)
  // The same origin, without the demo.
  await damaged.goto(new URL('favicon.svg', address).href)
  expect(await damaged.evaluate(writeJunk, `parsec-web/section/${room}/${me}`)).toBeGreaterThan(10)
  await damaged.goto(address)
  await expect(damaged.locator('body')).toHaveAttribute('data-phase', 'live')
  await everyTabShows([damaged], { me, state: 'ready', paid: 25 })
  const all = [...rest, damaged]
  await everyTabAgrees(all)
  await everyTabPays25(all)
  expect(await everyTabAgrees(all)).toMatchObject({ accounts: 4, sum: 400 })
  await expectNoMalice(all)
})

test('a copied profile that is behind says nothing: its tab stops, and is a new member after that', {
  tag: '@long',
}, async ({ openTab, startBrowser, profile, address }) => {
  const rest = await openTabs(openTab, 3)
  const first = await startBrowser(profile)
  const tab = await openIn(first.context, address)
  await everyTabShows([...rest, tab], { state: 'ready', members: 4, accounts: 4, voters: 4, reachable: 4 })
  await everyTabPays25([tab])
  const { me } = await factsOf(tab)
  await first.kill('browser')
  const copy = join(profile, '../copy')
  cpSync(profile, copy, { recursive: true, filter: (path) => !path.includes('Singleton') })
  const second = await startBrowser(profile)
  const ahead = await openIn(second.context, address)
  await everyTabPays25([ahead])
  await second.kill('browser')
  const third = await startBrowser(copy)
  const behind = await openIn(third.context, address)
  await everyTabShows([behind], { me, state: 'stopped' })
  await behind.reload()
  await expect(behind.locator('body')).toHaveAttribute('data-phase', 'live')
  await everyTabShows([behind], { state: 'ready', members: 5 })
  expect((await factsOf(behind)).me).not.toBe(me)
  const all = [...rest, behind]
  await everyTabAgrees(all)
  await everyTabPays25(all)
  expect(await everyTabAgrees(all)).toMatchObject({ accounts: 5, sum: 500 })
  await expectNoMalice(all)
})

async function blockAt(tab: Page, height: number): Promise<string | null> {
  while ((await tab.locator(`[data-block="${height}"]`).count()) === 0) await tab.getByText('Show older blocks').click()
  return await tab.locator(`[data-block="${height}"]`).getAttribute('data-hash')
}

/** Runs in the page: changes bytes of every third record, and of the last ones; returns how many. */
async function writeJunk(name: string): Promise<number> {
  const done = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
  const database = await done(indexedDB.open(name))
  const events = database.transaction('events', 'readwrite').objectStore('events')
  const keys = await done(events.getAllKeys())
  const chosen = keys.filter((_, index) => index % 3 === 1 || index >= keys.length - 4)
  for (const key of chosen) {
    const record = await done(events.get(key))
    record.bytes[record.bytes.length >> 1] ^= 255
    await done(events.put(record, key))
  }
  database.close()
  return chosen.length
}
