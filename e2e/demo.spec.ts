/** What the demo promises to whoever opens it: requests, history, proofs, offline, phones, keyboards, screen readers. */
import { readFileSync, writeFileSync } from 'node:fs'
import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from './site.ts'
import { everyTabAgrees, everyTabPays25, everyTabShows, factsOf, openTabs, pay } from './tabs.ts'

const phones = [
  { width: 390, height: 844 },
  { width: 360, height: 640 },
] as const

/** Fills in the form and asks instead of paying. */
async function ask(tab: Page, peer: string, amount: number, note: string): Promise<void> {
  await tab.locator('select[name=to]').selectOption(peer)
  await tab.getByLabel('Coins', { exact: true }).fill(String(amount))
  await tab.getByLabel('Note', { exact: true }).fill(note)
  await tab.getByRole('button', { name: 'Ask for it' }).click()
}

test('a request is accepted and becomes the payment, another is declined, a third withdrawn', async ({ openTab }) => {
  const tabs = await openTabs(openTab, 2)
  const [ann, bob] = tabs as [Page, Page]
  const { me } = await factsOf(bob)
  for (const note of ['accept me', 'decline me', 'forget me']) await ask(ann, me, 7, note)
  await everyTabShows(tabs, { requests: 3 })
  const asked = (note: string) => bob.locator('.incoming li', { hasText: note })
  await asked('accept me')
    .getByRole('button', { name: /^Accept/ })
    .click()
  await asked('decline me')
    .getByRole('button', { name: /^Decline/ })
    .click()
  await ann
    .locator('.outgoing li', { hasText: 'forget me' })
    .getByRole('button', { name: /^Withdraw/ })
    .click()
  await everyTabShows(tabs, { requests: 0 })
  await everyTabAgrees(tabs)
  for (const tab of tabs) await expect(tab.locator(`[data-peer="${me}"]`)).toHaveAttribute('data-balance', '93')
  await expect(bob.locator('[data-deed=answer]', { hasText: 'accept me' })).toContainText('final')
  // Whoever listens hears of it, too.
  await expect(ann.locator('[data-news]')).toContainText(/Withdrawn|accepts and pays 7 coins|declines/)
})

test('a name is agreed on and shown in every tab', async ({ openTab }) => {
  const tabs = await openTabs(openTab, 2)
  const [ann] = tabs as [Page]
  await ann.getByText('Change your name').click()
  await ann.getByLabel('Name', { exact: true }).fill('Queen of Tea')
  await ann.getByRole('button', { name: 'Save', exact: true }).click()
  const { me } = await factsOf(ann)
  for (const tab of tabs) await expect(tab.locator(`[data-peer="${me}"] .name`)).toHaveText('Queen of Tea')
})

test('the history is searched by text, member and state; what is rejected says why', async ({ openTab }) => {
  const tabs = await openTabs(openTab, 2)
  const [ann, bob] = tabs as [Page, Page]
  const { me } = await factsOf(bob)
  await ann.getByLabel('Note', { exact: true }).fill('jam')
  await pay(ann, me, 3)
  await pay(ann, me, 400)
  await everyTabShows([ann], { paid: 1, refused: 1 })
  const rows = ann.locator('[data-row]')
  await expect(rows).toHaveCount(2)
  await expect(rows.first()).toContainText('rejected: more coins than the payer had')
  await ann.getByLabel('Search').fill('JAM')
  await expect(rows).toHaveCount(1)
  await expect(rows).toContainText('final')
  await ann.getByLabel('Search').fill('')
  await ann.getByLabel('State').selectOption('rejected')
  await expect(rows).toHaveCount(1)
  await ann.getByLabel('State').selectOption('pending')
  await expect(rows).toHaveCount(0)
  await expect(ann.getByText('Nothing found.')).toBeVisible()
})

test('a saved history proves itself in the page, and a forged one is refused with the reason', async ({
  openTab,
}, info) => {
  const tabs = await openTabs(openTab, 4)
  await everyTabPays25(tabs)
  await everyTabAgrees(tabs)
  const [ann, bob] = tabs as [Page, Page]
  const [download] = await Promise.all([ann.waitForEvent('download'), ann.locator('button[name=save]').click()])
  const file = info.outputPath('tea.history')
  await download.saveAs(file)
  await expect(ann.locator('[data-verdict=valid]')).toContainText(/Genuine: \d+ blocks with 100 transactions/)
  await bob.locator('input[type=file]').setInputFiles(file)
  await expect(bob.locator('[data-verdict=valid]')).toContainText('It is the history of this ledger')
  await bob.getByRole('button', { name: 'Forge it and check again' }).click()
  await expect(bob.locator('[data-verdict=invalid]')).toContainText(/Refused: block \d+ fails/)
  const bytes = readFileSync(file)
  const cut = info.outputPath('cut.history')
  writeFileSync(cut, bytes.subarray(0, bytes.length - 100))
  await bob.locator('input[type=file]').setInputFiles(cut)
  await expect(bob.locator('[data-verdict=invalid]')).toContainText('The file ends too early.')
  const none = info.outputPath('none.history')
  writeFileSync(none, 'no history at all')
  await bob.locator('input[type=file]').setInputFiles(none)
  await expect(bob.locator('[data-verdict=invalid]')).toContainText('It is not such a file')
})

test(
  'a history of another section is genuine and said to be foreign',
  { tag: '@long' },
  async ({ openTab, openPage, demo }, info) => {
    const tab = await openTab()
    const other = await openPage(demo, { query: { room: 'another room' } })
    await expect(other.locator('body')).toHaveAttribute('data-phase', 'live')
    const [download] = await Promise.all([other.waitForEvent('download'), other.locator('button[name=save]').click()])
    const file = info.outputPath('other.history')
    await download.saveAs(file)
    await tab.locator('input[type=file]').setInputFiles(file)
    await expect(tab.locator('[data-relation=foreign]')).toContainText('the history of another section')
  },
)

test('the page opens without a network once it was here, with the ledger as it was', async ({ openTab, context }) => {
  const tab = await openTab()
  await tab.evaluate(async () => void (await navigator.serviceWorker.ready))
  const { me, section, ledgerHash } = await factsOf(tab)
  await context.setOffline(true)
  await tab.reload()
  await everyTabShows([tab], { me, section, ledgerHash })
  await expect(tab.getByText('No network.')).toBeVisible()
  // Not only the page: what is loaded when it is first asked for, too.
  await tab.getByRole('button', { name: 'Inspector' }).click()
  await expect(tab.locator('parsec-inspector')).toBeVisible()
  await context.setOffline(false)
})

test('the invitation has a QR code with a name, and its link leads into the section', async ({ openTab, context }) => {
  const ann = await openTab()
  await ann.locator('button[name=invite]').click()
  await expect(ann.getByRole('img', { name: /^QR code of the join link http/ })).toBeVisible()
  const bob = await context.newPage()
  await bob.goto(await ann.locator('input[name=link]').inputValue())
  await everyTabShows([ann, bob], { members: 2, section: (await factsOf(ann)).section })
  await ann.keyboard.press('Escape')
  await expect(ann.getByRole('dialog')).toBeHidden()
})

test('a payment needs a keyboard only, and is read aloud once it is final', async ({ openTab }) => {
  const [ann] = (await openTabs(openTab, 2)) as [Page]
  await ann.locator('body').focus()
  await ann.keyboard.press('Tab')
  await expect(ann.getByRole('link', { name: 'Skip to your account' })).toBeFocused()
  await ann.keyboard.press('Enter')
  await tabTo(ann, 'select[name=to]')
  await ann.keyboard.press('ArrowDown')
  await tabTo(ann, 'input[name=amount]')
  await ann.keyboard.type('7')
  await tabTo(ann, 'input[name=note]')
  await ann.keyboard.type('by keyboard')
  await tabTo(ann, 'button[name=pay]')
  const outline = () => ann.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle)
  expect(await outline()).toBe('solid')
  await ann.keyboard.press('Space')
  await expect(ann.locator('[data-news]')).toHaveText(/^Final in block \d+: 7 coins to /)
})

test('the page speaks the browser’s language, and another one on demand', async ({ browser, address }) => {
  const context = await browser.newContext({ locale: 'de-AT' })
  const tab = await context.newPage()
  await tab.goto(address)
  await expect(tab.getByRole('heading', { name: 'Dein Konto' })).toBeVisible()
  await expect(tab.locator('html')).toHaveAttribute('lang', 'de')
  await tab.getByLabel('Sprache').selectOption('en')
  await expect(tab.getByRole('heading', { name: 'Your account' })).toBeVisible()
  await tab.reload()
  await expect(tab.getByRole('heading', { name: 'Your account' })).toBeVisible()
  await context.close()
})

test('on phones nothing is cut off, and fingers find what they look for', async ({ openTab }) => {
  const [tab] = (await openTabs(openTab, 2)) as [Page]
  await tab.locator('button[name=break]').click()
  for (const phone of phones) {
    await tab.setViewportSize(phone)
    const width = await tab.evaluate(() => document.documentElement.scrollWidth)
    expect(width, `at ${phone.width}`).toBeLessThanOrEqual(phone.width)
    expect(await smallTargets(tab), `at ${phone.width}`).toEqual([])
  }
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing wrong, ${colorScheme}, on desks and phones`, async ({ openTab }) => {
    const tabs = await openTabs(openTab, 2)
    const [tab, other] = tabs as [Page, Page]
    // Something of everything: final and rejected ones, a request, a verdict, all panels.
    await ask(tab, (await factsOf(other)).me, 5, 'a request')
    await ask(other, (await factsOf(tab)).me, 5, 'another')
    await pay(tab, (await factsOf(other)).me, 400)
    await everyTabShows(tabs, { requests: 2 })
    await everyTabShows([tab], { refused: 1 })
    await tab.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await tab.locator('button[name=break]').click()
    await tab.getByText('What does this mean?').click()
    await tab.locator('[data-block] summary').first().click()
    await tab.locator('button[name=save]').click()
    await expect(tab.locator('[data-verdict=valid]')).toBeVisible()
    for (const viewport of [{ width: 1200, height: 900 }, phones[0]]) {
      await tab.setViewportSize(viewport)
      expect(await violations(tab), `${viewport.width}`).toEqual([])
      await tab.locator('button[name=invite]').click()
      await expect(tab.getByRole('dialog')).toBeVisible()
      expect(await violations(tab), `the invitation, ${viewport.width}`).toEqual([])
      await tab.keyboard.press('Escape')
    }
  })
}

async function violations(tab: Page): Promise<string[]> {
  // The inspector is the SDK's own.
  const { violations: found } = await new AxeBuilder({ page: tab }).exclude('parsec-inspector').analyze()
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
  )
}

async function tabTo(tab: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    if (await tab.locator(selector).evaluate((element) => element === document.activeElement)) return
    await tab.keyboard.press('Tab')
  }
  throw new Error(`${selector} is not reached by the Tab key`)
}

/** What is lower than a finger is wide, 44 CSS pixels. */
async function smallTargets(tab: Page): Promise<string[]> {
  return await tab.locator('button, select, input, summary, a.button, label.button').evaluateAll((elements) =>
    elements.flatMap((element) => {
      const { width, height } = element.getBoundingClientRect()
      // Not shown, or shown by its label.
      const isHidden = width <= 1 || height <= 1
      return isHidden || height >= 44 ? [] : `${element.outerHTML.slice(0, 80)}: ${width} × ${height}`
    }),
  )
}
