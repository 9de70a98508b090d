/** Test peers on the impaired network: what tests of the mesh stand on. */
import { type BrowserContext, expect, type Page } from '@playwright/test'
import type { ServedPage } from '../serve.ts'
import { test as base, noteThrown } from '../site.ts'
import { serveTestPage } from './build.ts'

export interface PeerOptions {
  /** Default: the worker's own server. */
  readonly signaling?: readonly string[]
  readonly password?: string
  readonly iceServers?: readonly unknown[]
  /** In which browser. Default: the test's. */
  readonly context?: BrowserContext
}

interface Each {
  /** Opens a test peer in another tab; resolves once it is a member. */
  readonly openPeer: (options?: PeerOptions) => Promise<Page>
  /** The same without waiting. */
  readonly startPeer: (options?: PeerOptions) => Promise<Page>
  /** What for pages is another browser: nothing passes between its tabs and those of others but what servers and peers carry. */
  readonly otherBrowser: () => Promise<BrowserContext>
}

interface Worker {
  readonly testPage: ServedPage
}

export const test = base.extend<Each, Worker>({
  testPage: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this parameter
    async ({}, use) => {
      const page = await serveTestPage()
      await use(page)
      await page.close()
    },
    { scope: 'worker' },
  ],
  otherBrowser: async ({ browser }, use) => {
    const contexts: BrowserContext[] = []
    await use(async () => {
      const context = await browser.newContext()
      contexts.push(context)
      return context
    })
    for (const context of contexts) await context.close()
  },
  startPeer: async ({ context: own, testPage, room, signaling }, use) => {
    const thrown: string[] = []
    await use(async ({ signaling: servers = [signaling.url], password, iceServers, context = own } = {}) => {
      const address = new URL(testPage.url)
      address.searchParams.set('room', room)
      for (const server of servers) address.searchParams.append('signaling', server)
      if (password !== undefined) address.searchParams.set('password', password)
      if (iceServers !== undefined) address.searchParams.set('iceServers', JSON.stringify(iceServers))
      const page = await context.newPage()
      noteThrown(page, thrown)
      await page.goto(address.href)
      return page
    })
    expect(thrown, 'nothing is thrown into the page').toEqual([])
  },
  openPeer: async ({ startPeer }, use) => {
    await use(async (options) => {
      const page = await startPeer(options)
      await expect(page.locator('body')).toHaveAttribute('data-phase', 'live')
      return page
    })
  },
})

export { expect, type Page }
