/** A browser with tabs in which one subject runs, each time a fresh one, and what its processes use. */
import { type Browser, chromium, type Page } from 'playwright'
import { chromiumLaunchOptions } from '../../scripts/browsers.ts'
import { startSignalingServer } from '../../signaling/src/index.ts'
import { sourceAlias } from '../../vite.config.ts'
import { buildAndServe, type ServedPage } from '../serve.ts'
import type { SubjectName } from './page/subject.ts'
import { descendantsOf, type ProcessUse } from './processes.ts'

/** What outlasts all runs. */
export interface Site {
  readonly page: ServedPage
  readonly signalingUrl: string
  close(): Promise<void>
}

export interface Stage {
  /** In the order of their opening. */
  readonly tabs: readonly Page[]
  /** From the moment at which all pages were told to open the subject until every tab knew all others. */
  readonly formationMs: number
  /** The whole tree of the browser. */
  processes(): readonly ProcessUse[]
  close(): Promise<void>
}

export interface StageOptions {
  readonly subject: SubjectName
  readonly tabs: number
  /** The most voters of a section. */
  readonly maxVoters: number
}

export async function openSite(): Promise<Site> {
  const signaling = await startSignalingServer({ port: 0, host: 'localhost' })
  const page = await buildAndServe({
    configFile: false,
    root: new URL('page', import.meta.url).pathname,
    base: './',
    resolve: { alias: sourceAlias },
    build: { target: 'es2023' },
  })
  return {
    page,
    signalingUrl: signaling.url,
    async close() {
      await page.close()
      await signaling.close()
    },
  }
}

export async function openStage(site: Site, { subject, tabs: count, maxVoters }: StageOptions): Promise<Stage> {
  const { browser, processes } = await launch()
  const context = await browser.newContext()
  const tabs: Page[] = []
  for (let number = 1; number <= count; number++) {
    const page = await context.newPage()
    page.on('pageerror', (error) => console.error(`tab ${number}: ${error}`))
    page.on('console', (message) => message.type() === 'error' && console.error(`tab ${number}: ${message.text()}`))
    await page.goto(site.page.url)
    tabs.push(page)
  }
  const room = `bench-${Date.now()}`
  const startedMs = performance.now()
  const voters = votersAmong(Math.min(count, maxVoters))
  await Promise.all(
    tabs.map((page, index) =>
      page.evaluate(
        async ({ subject, terms, count, voters }) => {
          await globalThis.tab.open(subject, terms)
          await globalThis.tab.formed(count, voters)
        },
        { subject, terms: { room, server: site.signalingUrl, tab: index + 1, maxVoters }, count, voters },
      ),
    ),
  )
  return { tabs, formationMs: performance.now() - startedMs, processes, close: () => browser.close() }
}

/** The largest number 3f+1. */
function votersAmong(members: number): number {
  return 3 * Math.floor((members - 1) / 3) + 1
}

async function launch(): Promise<{ browser: Browser; processes: () => readonly ProcessUse[] }> {
  const before = new Set(childrenOfOurs().map(({ pid }) => pid))
  const browser = await chromium.launch(chromiumLaunchOptions())
  const roots = childrenOfOurs().filter(({ pid }) => !before.has(pid))
  return { browser, processes: () => roots.flatMap(({ pid }) => [...selfOf(pid), ...descendantsOf(pid)]) }
}

const childrenOfOurs = () => descendantsOf(process.pid).filter(({ parent }) => parent === process.pid)
const selfOf = (pid: number) => childrenOfOurs().filter((child) => child.pid === pid)
