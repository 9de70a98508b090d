/** Tests with browsers of their own beside Playwright's: profiles that outlive a browser, and tabs in them. */
import { join } from 'node:path'
import type { BrowserContext } from '@playwright/test'
import { type OwnBrowser, startOwnBrowser } from './own-browser.ts'
import { createProfile } from './profile.ts'
import { test as base, expect, type Page } from './site.ts'
import { factsOf } from './tabs.ts'

interface Each {
  /** A folder that does not exist yet, in one that is deleted after the test. */
  readonly profile: string
  /** A browser with the profile of that folder. */
  readonly startBrowser: (profile: string) => Promise<OwnBrowser>
}

export const test = base.extend<Each>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this parameter
  profile: async ({}, use) => {
    const { parent, remove } = createProfile()
    await use(join(parent, 'own'))
    await remove()
  },
  // The folder goes after the browsers that write to it.
  startBrowser: async ({ profile: _ }, use) => {
    const started: OwnBrowser[] = []
    await use(async (profile) => {
      const browser = await startOwnBrowser(profile)
      started.push(browser)
      return browser
    })
    for (const browser of started) await browser.close()
  },
})

export async function openIn(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(address)
  await expect(page.locator('body')).toHaveAttribute('data-phase', 'live', { timeout: 60_000 })
  return page
}

export async function expectNoMalice(tabs: readonly Page[]): Promise<void> {
  for (const tab of tabs) expect(JSON.parse((await factsOf(tab)).diagnostics).malice).toEqual([])
}
