/** What a test of an example stands on: the example, built against the SDK's sources and served, once per worker. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, preview } from 'vite'
import { test as base, expect, type Page } from './site.ts'

interface Each {
  /** Opens the example in another tab, in this test's room; what is given stands behind `#`. */
  readonly openExample: (hash?: string) => Promise<Page>
}

interface Worker {
  readonly example: string
}

/** Tests of the example in `examples/<name>`. */
export function testOf(name: string) {
  return base.extend<Each, Worker>({
    example: [
      // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this parameter
      async ({}, use) => {
        const outDir = mkdtempSync(join(tmpdir(), `parsec-web-${name}-`))
        const configFile = fileURLToPath(new URL(`../examples/${name}/vite.config.ts`, import.meta.url))
        const options = { configFile, logLevel: 'warn', build: { outDir, emptyOutDir: true } } as const
        await build(options)
        const server = await preview({ ...options, preview: { port: 0, host: 'localhost' } })
        await use(server.resolvedUrls?.local[0] ?? '')
        await server.close()
        rmSync(outDir, { recursive: true, force: true })
      },
      { scope: 'worker' },
    ],
    openExample: async ({ context, example, room, signaling }, use) => {
      const thrown: string[] = []
      await use(async (hash = '') => {
        const page = await context.newPage()
        page.on('pageerror', (error) => thrown.push(String(error)))
        const address = new URL(example)
        address.searchParams.set('room', room)
        address.searchParams.set('signaling', signaling.url)
        address.hash = hash
        await page.goto(address.href)
        return page
      })
      expect(thrown, 'nothing is thrown into the page').toEqual([])
    },
  })
}

export { expect, type Page }
