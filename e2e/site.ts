/** What a test stands on: a signaling server and built pages, once per worker; a room of its own and its tabs, per test. */
import { fileURLToPath } from 'node:url'
import { test as base, expect, type Page } from '@playwright/test'
import { type SignalingServer, startSignalingServer } from '../signaling/src/index.ts'
import { buildAndServe } from './serve.ts'

interface Worker {
  readonly signaling: SignalingServer
  /** Address of the demo. */
  readonly demo: string
}

interface Each {
  readonly room: string
  /** Opens a page in another tab of the same browser, in this test's room. */
  readonly openPage: (site: string, details?: PageDetails) => Promise<Page>
  /** Of the demo, in this test's room and with this worker's signaling server. */
  readonly address: string
  /** Opens the demo in another tab of the same browser and waits until it takes part. */
  readonly openTab: () => Promise<Page>
  /** The same with another signaling server. */
  readonly openTabAt: (signaling: string) => Promise<Page>
}

export interface PageDetails {
  /** Default: this worker's. */
  readonly signaling?: string
  /** More of what stands behind `?`. */
  readonly query?: Readonly<Record<string, string>>
  /** What stands behind `#`. */
  readonly hash?: string
}

export const test = base.extend<Each, Worker>({
  signaling: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this parameter
    async ({}, use) => {
      const server = await startSignalingServer({ port: 0, host: 'localhost' })
      await use(server)
      await server.close()
    },
    { scope: 'worker' },
  ],
  demo: served('demo/vite.config.ts'),
  // biome-ignore lint/correctness/noEmptyPattern: see above
  room: async ({}, use, info) => {
    await use(`room-${info.testId}-${info.repeatEachIndex}`)
  },
  address: async ({ demo, room, signaling }, use) => {
    await use(addressOf(demo, room, signaling.url))
  },
  openPage: async ({ context, room, signaling }, use) => {
    const thrown: string[] = []
    await use(async (site, { query = {}, hash = '', ...details } = {}) => {
      const address = new URL(addressOf(site, room, details.signaling ?? signaling.url))
      for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value)
      address.hash = hash
      const page = await context.newPage()
      noteThrown(page, thrown)
      await page.goto(address.href)
      return page
    })
    expect(thrown, 'nothing is thrown into the page').toEqual([])
  },
  openTab: async ({ openTabAt, signaling }, use) => {
    await use(() => openTabAt(signaling.url))
  },
  openTabAt: async ({ demo, openPage }, use) => {
    await use(async (signaling) => {
      const page = await openPage(demo, { signaling })
      await expect(page.locator('body')).toHaveAttribute('data-phase', 'live')
      return page
    })
  },
})

/**
 * Of a stock Firefox, Playwright takes for thrown what the browser itself writes to the console: about a server that is
 * away, about a peer that no path leads to.
 */
const saidByFirefox =
  /^(Error: )?(Firefox can’t establish a connection to the server at wss?:|The connection to wss?:|WebRTC: ICE failed,)/

export function noteThrown(page: Page, thrown: string[]): void {
  page.on('pageerror', (error) => {
    if (!saidByFirefox.test(String(error))) thrown.push(String(error))
  })
}

/** A fixture: what Vite builds by this configuration of the repository, with another root if one is given, served. */
export function served(
  config: string,
  root?: string,
): [(given: object, use: Use) => Promise<void>, { scope: 'worker' }] {
  return [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this parameter
    async ({}, use) => {
      const served = await buildAndServe({
        configFile: inRepository(config),
        ...(root === undefined ? {} : { root: inRepository(root) }),
      })
      await use(served.url)
      await served.close()
    },
    { scope: 'worker' },
  ]
}

type Use = (address: string) => Promise<void>

const inRepository = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

function addressOf(site: string, room: string, signaling: string): string {
  const address = new URL(site)
  address.searchParams.set('room', room)
  address.searchParams.set('signaling', signaling)
  return address.href
}

export { expect, type Page }
