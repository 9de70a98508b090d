/** What a test stands on: a signaling server and the built demo, once per worker; a room of its own and its tabs, per test. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test as base, expect, type Page } from '@playwright/test'
import { build, preview } from 'vite'
import { type SignalingServer, startSignalingServer } from '../signaling/src/index.ts'

interface Worker {
  readonly signaling: SignalingServer
  /** Address of the demo. */
  readonly demo: string
}

interface Each {
  readonly room: string
  /** Of the demo, in this test's room and with this worker's signaling server. */
  readonly address: string
  /** Opens the demo in another tab of the same browser and waits until it takes part. */
  readonly openTab: () => Promise<Page>
  /** The same with another signaling server. */
  readonly openTabAt: (signaling: string) => Promise<Page>
}

const configFile = fileURLToPath(new URL('../vite.config.ts', import.meta.url))

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
  demo: [
    // biome-ignore lint/correctness/noEmptyPattern: see above
    async ({}, use) => {
      const outDir = mkdtempSync(join(tmpdir(), 'parsec-web-demo-'))
      const options = { configFile, logLevel: 'warn', build: { outDir } } as const
      await build(options)
      const server = await preview({ ...options, preview: { port: 0, host: 'localhost' } })
      await use(server.resolvedUrls?.local[0] ?? '')
      await server.close()
      rmSync(outDir, { recursive: true, force: true })
    },
    { scope: 'worker' },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: see above
  room: async ({}, use, info) => {
    await use(`room-${info.testId}-${info.repeatEachIndex}`)
  },
  address: async ({ demo, room, signaling }, use) => {
    await use(addressOf(demo, room, signaling.url))
  },
  openTab: async ({ openTabAt, signaling }, use) => {
    await use(() => openTabAt(signaling.url))
  },
  openTabAt: async ({ context, demo, room }, use) => {
    const thrown: string[] = []
    await use(async (signaling) => {
      const page = await context.newPage()
      page.on('pageerror', (error) => thrown.push(String(error)))
      await page.goto(addressOf(demo, room, signaling))
      await expect(page.locator('body')).toHaveAttribute('data-phase', 'live')
      return page
    })
    expect(thrown, 'nothing is thrown into the page').toEqual([])
  },
})

function addressOf(demo: string, room: string, signaling: string): string {
  const address = new URL(demo)
  address.searchParams.set('room', room)
  address.searchParams.set('signaling', signaling)
  return address.href
}

export { expect, type Page }
