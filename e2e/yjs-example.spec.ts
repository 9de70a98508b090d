/** The shared editor in `examples/`, as people use it: typing into it. */
import { test as base, expect, type Page, served } from './site.ts'

const test = base.extend<{ readonly openEditor: () => Promise<Page> }, { readonly example: string }>({
  example: served('examples/shared-editor/vite.config.ts'),
  openEditor: async ({ openPage, example }, use) => {
    await use(async () => {
      const page = await openPage(example)
      await expect(page.locator('body')).toHaveAttribute('data-state', 'ready')
      return page
    })
  },
})

/** In front: a stock Firefox hands keys to no tab in the background. */
async function editorOf(page: Page): Promise<ReturnType<Page['getByRole']>> {
  await page.bringToFront()
  return page.getByRole('textbox', { name: 'Text' })
}

const write = async (page: Page, keys: string) => (await editorOf(page)).press(keys)
const type = async (page: Page, text: string) => (await editorOf(page)).pressSequentially(text)

test('what two people type becomes final in both tabs, under their names', {
  tag: ['@long', '@every-browser'],
}, async ({ openEditor }) => {
  const tabs = [await openEditor(), await openEditor()]
  const [ann, ben] = tabs as [Page, Page]
  await type(ann, 'tea')
  for (const tab of tabs) await expect(tab.locator('#final')).toHaveText('tea')
  await expect(ben.getByRole('textbox', { name: 'Text' })).toContainText('tea')
  await write(ben, 'Control+End')
  await type(ben, ' & cake')
  for (const tab of tabs) {
    await expect(tab.locator('#final')).toHaveText('tea & cake')
    await expect(tab.locator('#authors li')).toHaveCount(2)
    await expect(tab.locator('#final span').first()).toHaveText('tea')
    await expect(tab.locator('body')).toHaveAttribute('data-settled', 'true')
  }
  await write(ben, 'Control+z')
  for (const tab of tabs) await expect(tab.locator('#final')).toHaveText('tea')
})
