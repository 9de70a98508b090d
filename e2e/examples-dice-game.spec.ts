/** The dice game: every tab sees the same dice, and from four tabs on nobody can load them. */
import { expect, type Page, testOf } from './examples.ts'

const test = testOf('dice-game')

test('two tabs take a turn each and see the same dice and scores', async ({ openExample }) => {
  const tabs = await seated(openExample, 2)
  for (const [at, tab] of tabs.entries()) {
    await expect(tab.getByRole('button', { name: 'Roll' })).toBeEnabled()
    await press(tab, 'Roll')
    const { face } = await everybodySees(tabs, at + 1)
    if (face !== 1) await press(tab, 'Hold')
    for (const each of tabs) {
      await expect(each.locator('output').nth(at)).toHaveText(String(face === 1 ? 0 : face))
    }
  }
  await expect(tabs[0] as Page).toHaveTitle('Pig · parsec-web')
  await expect((tabs[0] as Page).getByText('the die can be loaded')).toBeVisible()
})

test('four tabs play to the end with dice that nobody can load', { tag: ['@long', '@every-browser'] }, async ({
  openExample,
}) => {
  test.setTimeout(240_000)
  const tabs = await seated(openExample, 4)
  for (const tab of tabs) await expect(tab.getByText('Nobody can load')).toBeVisible({ timeout: 60_000 })
  const winner = (tabs[0] as Page).getByText(' wins')
  for (let rolls = 1; (await winner.count()) === 0; rolls++) {
    const tab = await whoseTurn(tabs)
    await press(tab, 'Roll')
    const { face, pot } = await everybodySees(tabs, rolls)
    if (face !== 1 && pot >= 12) await hold(tab, tabs)
  }
  for (const tab of tabs) await expect(tab.getByText(' wins')).toBeVisible()
  const scores = await Promise.all(tabs.map((tab) => tab.locator('output').allTextContents()))
  for (const each of scores) expect(each).toEqual(scores[0])
})

async function seated(openExample: () => Promise<Page>, count: number): Promise<Page[]> {
  const tabs: Page[] = []
  for (let number = 1; number <= count; number++) {
    const tab = await openExample()
    tabs.push(tab)
    await press(tab, 'Sit down')
    for (const each of tabs) await expect(each.getByRole('listitem')).toHaveCount(number)
  }
  await press(tabs[0] as Page, 'Start')
  return tabs
}

/** Waits until it can be pressed. */
async function press(tab: Page, name: string): Promise<void> {
  await tab.getByRole('button', { name }).click()
}

/** What all tabs show after so many rolls. */
async function everybodySees(tabs: readonly Page[], rolls: number): Promise<{ face: number; pot: number }> {
  for (const tab of tabs) await expect(tab.locator(`[data-rolls="${rolls}"]`)).toBeVisible()
  const shown = await Promise.all(tabs.map((tab) => tab.locator('[data-rolls]').getAttribute('data-face')))
  expect(new Set(shown).size).toBe(1)
  const text = await (tabs[0] as Page).locator('[data-rolls]').textContent()
  return { face: Number(shown[0]), pot: Number(/(\d+) in the pot/.exec(text ?? '')?.[1]) }
}

/** The tab that may roll, once there is one. */
async function whoseTurn(tabs: readonly Page[]): Promise<Page> {
  const mayRoll = () => Promise.all(tabs.map((tab) => tab.getByRole('button', { name: 'Roll' }).isEnabled()))
  await expect.poll(async () => (await mayRoll()).filter(Boolean).length).toBe(1)
  return tabs[(await mayRoll()).indexOf(true)] as Page
}

/** Until everybody has seen that the pot is banked. */
async function hold(tab: Page, tabs: readonly Page[]): Promise<void> {
  await press(tab, 'Hold')
  for (const each of tabs) await expect(each.getByText(' 0 in the pot')).toBeVisible()
}
