/** What a section without its quorum tells its users, how it goes on, and how it is re-formed. */
import { expect, type Page, test } from './site.ts'
import { everyTabAgrees, everyTabPays25, everyTabShows, factsOf, openTabs, pay } from './tabs.ts'

test.describe.configure({ timeout: 120_000 })

test('three of four are killed at the same instant: the reason is shown, and two reopened ones suffice', {
  tag: '@long',
}, async ({ openTab }) => {
  const tabs = await openTabs(openTab, 4)
  await everyTabPays25(tabs)
  const names = await Promise.all(tabs.slice(1).map(async (tab) => (await factsOf(tab)).me.slice(0, 8)))
  const [last, ...killed] = tabs as [Page, ...Page[]]
  await Promise.all(killed.map(kill))
  await everyTabShows([last], { state: 'stalled', voters: 4, needed: 3, reachable: 1 })
  const { reason } = await factsOf(last)
  expect(reason).toMatch(/^1 of 4 voters reachable, 3 needed: waiting for /)
  for (const name of names) expect(reason).toContain(name)
  await last.locator('button[name=many]').click()

  const second = await openTab()
  await everyTabShows([last, second], { state: 'stalled', reachable: 2 })
  const third = await openTab()
  const reopened = [last, second, third]
  await everyTabShows(reopened, { state: 'ready', pending: 0 })
  await expect(last.locator('body')).toHaveAttribute('data-paid', '50')
  await everyTabPays25(reopened)
  expect(await everyTabAgrees(reopened)).toMatchObject({
    accounts: 4,
    sum: 400,
    section: (await factsOf(last)).section,
  })
})

test('after a loss for good one member re-forms the section and another follows; the ledger goes on', {
  tag: '@long',
}, async ({ openTab }) => {
  const four = await openTabs(openTab, 4)
  await everyTabPays25(four)
  await everyTabAgrees(four)
  const [ann, bob, ...lost] = four as [Page, Page, ...Page[]]
  const tabs = [ann, bob]
  const before = await factsOf(ann)
  await Promise.all(lost.map(kill))
  await everyTabShows(tabs, { state: 'stalled', reachable: 2 })
  for (const tab of tabs) tab.on('dialog', (dialog) => void dialog.accept())

  const payee = (await factsOf(ann)).me
  await pay(bob, payee, 1)
  await ann.locator('button[name=reform]').click()
  await everyTabShows([ann], { state: 'ready', role: 'voter', members: 1, previous: before.section, sum: 400 })
  const { section } = await factsOf(ann)
  await everyTabShows([bob], { state: 'stalled', successors: section, pending: 1 })
  expect((await factsOf(bob)).reason).toContain(`for the section that follows this one, ${section.slice(0, 8)}`)

  await bob.locator('button[name=follow]').click()
  await everyTabShows(tabs, { state: 'ready', section, members: 2, accounts: 4, sum: 400 })
  await everyTabShows([bob], { lost: 1, pending: 0 })
  await everyTabPays25(tabs)
  expect(await everyTabAgrees(tabs)).toMatchObject({ section, accounts: 4, sum: 400 })
})

/** Its process ends, as for want of memory: nothing is said, and nothing is heard of it any more. */
async function kill(tab: Page): Promise<void> {
  const crashed = tab.waitForEvent('crash')
  const session = await tab.context().newCDPSession(tab)
  session.send('Page.crash').catch(() => {})
  await crashed
  await tab.close()
}
