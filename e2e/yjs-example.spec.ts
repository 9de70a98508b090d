/** The shared editor in `examples/`, as people use it: typing into it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, preview } from 'vite'
import { test as base, expect, type Page } from './site.ts'

const test = base.extend<{ readonly openEditor: () => Promise<Page> }, { readonly example: string }>({
  example: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this parameter
    async ({}, use) => {
      const outDir = mkdtempSync(join(tmpdir(), 'parsec-web-editor-'))
      const configFile = fileURLToPath(new URL('../examples/shared-editor/vite.config.ts', import.meta.url))
      const options = { configFile, logLevel: 'warn', build: { outDir, emptyOutDir: true } } as const
      await build(options)
      const server = await preview({ ...options, preview: { port: 0, host: 'localhost' } })
      await use(server.resolvedUrls?.local[0] ?? '')
      await server.close()
      rmSync(outDir, { recursive: true, force: true })
    },
    { scope: 'worker' },
  ],
  openEditor: async ({ context, example, room, signaling }, use) => {
    const thrown: string[] = []
    await use(async () => {
      const address = new URL(example)
      address.searchParams.set('room', room)
      address.searchParams.set('signaling', signaling.url)
      const page = await context.newPage()
      page.on('pageerror', (error) => thrown.push(String(error)))
      await page.goto(address.href)
      await expect(page.locator('body')).toHaveAttribute('data-state', 'ready')
      return page
    })
    expect(thrown, 'nothing is thrown into the page').toEqual([])
  },
})

const write = (page: Page, keys: string) => page.getByRole('textbox', { name: 'Text' }).press(keys)

test('what two people type becomes final in both tabs, under their names', { tag: '@long' }, async ({ openEditor }) => {
  const tabs = [await openEditor(), await openEditor()]
  const [ann, ben] = tabs as [Page, Page]
  await ann.getByRole('textbox', { name: 'Text' }).pressSequentially('tea')
  for (const tab of tabs) await expect(tab.locator('#final')).toHaveText('tea')
  await expect(ben.getByRole('textbox', { name: 'Text' })).toContainText('tea')
  await write(ben, 'Control+End')
  await ben.getByRole('textbox', { name: 'Text' }).pressSequentially(' & cake')
  for (const tab of tabs) {
    await expect(tab.locator('#final')).toHaveText('tea & cake')
    await expect(tab.locator('#authors li')).toHaveCount(2)
    await expect(tab.locator('#final span').first()).toHaveText('tea')
    await expect(tab.locator('body')).toHaveAttribute('data-settled', 'true')
  }
  await write(ben, 'Control+z')
  for (const tab of tabs) await expect(tab.locator('#final')).toHaveText('tea')
})
