/** Tabs in which one subject runs, in browsers that are fresh each time, and what their processes use. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, firefox, type Page } from 'playwright'
import { chromiumLaunchOptions, type FoundFirefox, firefoxLaunchOptions } from '../../scripts/browsers.ts'
import { startSignalingServer } from '../../signaling/src/index.ts'
import { sourceAlias } from '../../vite.config.ts'
import { buildAndServe, type ServedPage } from '../serve.ts'
import type { SubjectName } from './page/subject.ts'
import { descendantsOf, type ProcessUse, useOf } from './processes.ts'
import type { FromSequencer } from './sequencer.ts'

/** What outlasts all runs. */
export interface Site {
  readonly page: ServedPage
  readonly signalingUrl: string
  close(): Promise<void>
}

export interface Stage {
  /** Names and versions. */
  readonly browsers: readonly string[]
  /** In the order of their opening. */
  readonly tabs: readonly Page[]
  /** From the moment at which all pages were told to open the subject until every tab knew all others. */
  readonly formationMs: number
  /** Whole trees of browsers, and the server in the middle where there is one. */
  processes(): readonly ProcessUse[]
  /** Sent over the network so far, by all tabs and that server. */
  sentBytes(): Promise<number>
  close(): Promise<void>
}

export interface StageOptions {
  readonly subject: SubjectName
  /** Tabs in Chromium. */
  readonly tabs: number
  /** One more tab in Firefox. */
  readonly firefox?: FoundFirefox
  /** The most voters of a section. */
  readonly maxVoters: number
}

/** `readable`: functions keep their names, for profiles. */
export async function openSite(readable: boolean): Promise<Site> {
  const signaling = await startSignalingServer({ port: 0, host: 'localhost' })
  const page = await buildAndServe({
    configFile: false,
    root: fileURLToPath(new URL('page', import.meta.url)),
    base: './',
    resolve: { alias: sourceAlias },
    build: { target: 'es2023', minify: !readable },
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

export async function openStage(site: Site, options: StageOptions): Promise<Stage> {
  const before = new Set(ownChildren())
  const sequencer = options.subject === 'sequencer' ? await startSequencer() : null
  const browsers = [await chromium.launch(chromiumLaunchOptions())]
  if (options.firefox) browsers.push(await firefox.launch(firefoxLaunchOptions(options.firefox)))
  const roots = ownChildren().filter((pid) => !before.has(pid))
  const stage = {
    browsers: browsers.map((browser) => `${browser.browserType().name()} ${browser.version()}`),
    processes: () => roots.flatMap((pid) => [...useOf(pid), ...descendantsOf(pid)]),
    async close() {
      await Promise.all(browsers.map((browser) => browser.close()))
      sequencer?.child.kill()
    },
  }
  try {
    const tabs = await openTabs(site.page.url, browsers, options)
    const formationMs = await openSubject(tabs, sequencer?.url ?? site.signalingUrl, options)
    const sentBytes = async () => {
      const sent = await Promise.all(tabs.map((page) => page.evaluate(() => globalThis.tab.sentBytes())))
      return sent.reduce((sum, bytes) => sum + bytes, (await sequencer?.bytes()) ?? 0)
    }
    return { ...stage, tabs, formationMs, sentBytes }
  } catch (error) {
    await stage.close()
    throw error
  }
}

/** Of the first browser all, of a second one the last. */
async function openTabs(url: string, browsers: readonly Browser[], options: StageOptions): Promise<Page[]> {
  const [first, second] = browsers as [Browser, Browser?]
  const shared = await first.newContext()
  // Tabs of one context share a BroadcastChannel, which y-webrtc would use beside WebRTC; those of two contexts do not.
  const contextOf = (): BrowserContext | Promise<BrowserContext> =>
    options.subject === 'y-webrtc' ? first.newContext() : shared
  const tabs: Page[] = []
  for (let number = 1; number <= options.tabs; number++) tabs.push(await (await contextOf()).newPage())
  if (second) tabs.push(await second.newPage())
  for (const [index, page] of tabs.entries()) {
    const complain = (what: string) => console.error(`${options.subject}, tab ${index + 1}: ${what}`)
    page.on('pageerror', (error) => complain(String(error)))
    page.on('console', (message) => message.type() === 'error' && complain(message.text()))
    await page.goto(url)
  }
  return tabs
}

async function openSubject(tabs: readonly Page[], server: string, options: StageOptions): Promise<number> {
  const { subject, maxVoters } = options
  const room = `bench-${Date.now()}`
  const voters = votersAmong(Math.min(tabs.length, maxVoters))
  const startedMs = performance.now()
  const formed = Promise.all(
    tabs.map((page, index) =>
      page.evaluate(
        async ({ subject, terms, count, voters }) => {
          await globalThis.tab.open(subject, terms)
          await globalThis.tab.formed(count, voters)
        },
        { subject, terms: { room, server, tab: index + 1, maxVoters }, count: tabs.length, voters },
      ),
    ),
  )
  await Promise.race([formed, tooLate(formed)])
  return performance.now() - startedMs
}

/** Rejects, unless what is waited for comes first. */
async function tooLate(awaited: Promise<unknown>): Promise<never> {
  return await new Promise((_resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not formed after ${patienceMs / 1000} s`)), patienceMs)
    awaited.finally(() => clearTimeout(timer)).catch(() => {})
  })
}

/** Seventeen tabs on two cores need a while. */
const patienceMs = 300_000

/** The largest number 3f+1. */
export function votersAmong(members: number): number {
  return 3 * Math.floor((members - 1) / 3) + 1
}

async function startSequencer() {
  const child = fork(fileURLToPath(new URL('sequencer.ts', import.meta.url)))
  const { port } = (await answerOf(child)) as Extract<FromSequencer, { port: number }>
  return {
    child,
    url: `ws://localhost:${port}`,
    async bytes(): Promise<number> {
      const answer = answerOf(child)
      child.send('bytes')
      return ((await answer) as Extract<FromSequencer, { bytes: number }>).bytes
    },
  }
}

async function answerOf(child: ChildProcess): Promise<FromSequencer> {
  const [message] = await once(child, 'message')
  return message as FromSequencer
}

function ownChildren(): number[] {
  return descendantsOf(process.pid)
    .filter(({ parent }) => parent === process.pid)
    .map(({ pid }) => pid)
}
