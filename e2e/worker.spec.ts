/** What a section in a worker leaves to the page. */
import { cpus } from 'node:os'
import { verifyHistory } from '../sdk/src/verify/index.ts'
import { test as base, expect, type Page, served } from './site.ts'
import { type Task, tasksDuring } from './tasks.ts'
import type { SectionPage } from './worker/page.ts'

type PageWindow = Window & { readonly page: SectionPage }

/** A display shows a picture every 16 ms. */
const longestTaskMs = 16
const perSecond = 1_000
const seconds = 10

const test = base.extend<{ readonly openSection: () => Promise<Page> }, { readonly bare: string }>({
  bare: served('vite.config.ts', 'e2e/worker'),
  openSection: async ({ openPage, bare }, use) => {
    await use(async () => {
      const page = await openPage(bare)
      await page.evaluate(async () => void (await (window as unknown as PageWindow).page.section))
      return page
    })
  },
})

const statusOf = (page: Page) =>
  page.evaluate(async () => (await (window as unknown as PageWindow).page.section).status)
const threadOf = (page: Page) =>
  page.evaluate(async () => (await (window as unknown as PageWindow).page.section).diagnostics().thread)

const exportOf = (page: Page) =>
  page.evaluate(async () => {
    const section = await (window as unknown as PageWindow).page.section
    const { storage } = section.diagnostics()
    return { me: section.me, section: section.id, storage, file: Array.from(await section.exportHistory()) }
  })

const round = (ms: number) => Math.round(ms * 10) / 10

test('a section runs in a worker, exports a history that holds, and is still there after a reload', {
  tag: '@every-browser',
}, async ({ openSection }) => {
  const page = await openSection()
  expect(await threadOf(page)).toEqual({ worker: true, reason: null })
  await page.evaluate(() => (window as unknown as PageWindow).page.submit(100, 0.1))
  const before = await exportOf(page)
  expect(before.storage).toMatchObject({ persistent: true })
  const verdict = await verifyHistory(Uint8Array.from(before.file), { sectionId: before.section })
  expect(verdict).toMatchObject({ valid: true, transactions: 10 })
  await page.reload()
  const after = await exportOf(page)
  expect({ me: after.me, section: after.section }).toEqual({ me: before.me, section: before.section })
  expect(await verifyHistory(Uint8Array.from(after.file))).toMatchObject({ valid: true, transactions: 10 })
})

for (const count of [2, 4]) {
  test(`no task of the page's main thread exceeds ${longestTaskMs} ms while ${perSecond} transactions a second become final in ${count} tabs`, {
    tag: '@long',
  }, async ({ openSection }) => {
    test.setTimeout(300_000)
    const pages: Page[] = []
    for (let i = 0; i < count; i++) pages.push(await openSection())
    const voters = count >= 4 ? 4 : 1
    await expect.poll(async () => (await statusOf(pages[0] as Page)).voters).toBe(voters)
    const [measured, ...rest] = pages as [Page, ...Page[]]
    expect(await threadOf(measured)).toEqual({ worker: true, reason: null })
    const submit = (page: Page) =>
      page.evaluate(([rate, time]) => (window as unknown as PageWindow).page.submit(rate, time), [
        perSecond / count,
        seconds,
      ] as const)
    const others = rest.map(submit)
    const { tasks, result: tookMs } = await tasksDuring(measured, () => submit(measured))
    await Promise.all(others)
    const longest = (by: keyof Task) => round(Math.max(...tasks.map((task) => task[by])))
    console.log(
      `${count} tabs, ${voters} voters: ${Math.round((perSecond * seconds) / (tookMs / 1000))} final per second; ` +
        `main thread: ${tasks.length} tasks, ${round(tasks.reduce((sum, { cpuMs }) => sum + cpuMs, 0))} ms of ` +
        `${round(tookMs)}; longest ${longest('cpuMs')} ms of its own time, ${longest('wallMs')} ms on the clock; ` +
        `${cpus().length} × ${cpus()[0]?.model}`,
    )
    expect(longest('cpuMs')).toBeLessThan(longestTaskMs)
  })
}

test('where no worker starts, the section runs on the page and says why', { tag: '@every-browser' }, async ({
  openSection,
  context,
}) => {
  await context.route('**/*worker*.js', (route) => route.abort())
  const page = await openSection()
  expect(await threadOf(page)).toEqual({ worker: false, reason: expect.stringMatching(/script/) })
  expect((await statusOf(page)).state).toBe('ready')
})
