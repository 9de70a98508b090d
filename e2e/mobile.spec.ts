/** The demo on phones, as far as Chromium emulates them: their size, their density of pixels, and touch. */
import { devices } from '@playwright/test'
import { expect, type Page, test } from './site.ts'
import { everyTabAgrees, factsOf, openTabs } from './tabs.ts'

for (const name of ['Pixel 7', 'iPhone 15'] as const) {
  const { viewport, userAgent, deviceScaleFactor, isMobile, hasTouch } = devices[name]
  test.describe(name, () => {
    test.use({ viewport, userAgent, deviceScaleFactor, isMobile, hasTouch })

    test('a payment is made by touch, and the page is never wider than the screen', async ({ openTab }) => {
      const tabs = await openTabs(openTab, 2)
      const [ann, bob] = tabs as [Page, Page]
      const { me } = await factsOf(bob)
      const form = ann.locator('form', { has: ann.locator('select[name=to]') })
      await form.locator('select[name=to]').selectOption(me)
      await form.locator('input[name=amount]').tap()
      await ann.keyboard.press('ControlOrMeta+a')
      await ann.keyboard.type('7')
      await form.getByRole('button', { name: 'Pay', exact: true }).tap()
      await expect(ann.locator('body')).toHaveAttribute('data-paid', '1')
      await everyTabAgrees(tabs)
      for (const tab of tabs) {
        await expect(tab.locator(`[data-peer="${me}"]`)).toHaveAttribute('data-balance', '107')
        expect(await tab.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width)
      }
    })
  })
}
