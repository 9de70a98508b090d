/**
 * `npm run soak -- [--minutes 60] [--tabs 4] [--every-ms 5000] [--churn-seconds 15] [--warm-up 10] [--seed 1]`: a section under
 * churn. A headless peer and two tabs, each in a browser of its own, stay; the other tabs reload, close and come back, or leave and
 * come as somebody else; connections of those that stay are broken, told and untold. All submit. Prints every minute what those
 * that stay hold; at the end how that grew after the warm-up, what of it is history (a reloaded tab that has restored the
 * same history holds nothing else), and what remains after `leave()`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { chromiumLaunchOptions } from '../scripts/browsers.ts'
import { startSignalingServer } from '../signaling/src/index.ts'
import { serveTestPage } from './network/build.ts'
import { watchResources } from './network/resources.ts'
import { type NodeProcess, startNodePeer } from './soak/node-process.ts'
import { printTable, probeOf, row, type Sample, trendOf } from './soak/samples.ts'

interface Options {
  readonly minutes: number
  readonly tabs: number
  readonly everyMs: number
  readonly churnSeconds: number
  readonly warmUpMinutes: number
  readonly seed: number
}

/** Whoever stays from the beginning to the end. */
interface Resident {
  readonly name: string
  readonly probe: (minute: number) => Promise<Sample>
  readonly samples: Sample[]
}

interface Stage {
  readonly staying: readonly Page[]
  readonly churning: { page: Page }[]
  readonly node: NodeProcess
  readonly openTab: () => Promise<Page>
}

const room = 'soak'
const stayingTabs = 2
const fillerBytes = 100
/** The whole history is fetched and checked first. */
const joinPatienceMs = 300_000

await main(readOptions())

function readOptions(): Options {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: { ...{ minutes: text, tabs: text, 'every-ms': text }, 'churn-seconds': text, 'warm-up': text, seed: text },
  })
  const minutes = Number(values.minutes ?? 60)
  return {
    minutes,
    tabs: Math.max(stayingTabs + 1, Number(values.tabs ?? 4)),
    everyMs: Number(values['every-ms'] ?? 5_000),
    churnSeconds: Number(values['churn-seconds'] ?? 15),
    warmUpMinutes: Number(values['warm-up'] ?? Math.floor(minutes / 6)),
    seed: Number(values.seed ?? 1),
  }
}

async function main(options: Options): Promise<void> {
  console.log(JSON.stringify(options))
  const signaling = await startSignalingServer({ port: 0, host: 'localhost' })
  const served = await serveTestPage()
  const address = new URL(served.url)
  address.searchParams.set('room', room)
  address.searchParams.set('signaling', signaling.url)
  const data = mkdtempSync(join(tmpdir(), 'parsec-web-soak-'))
  const browsers: Browser[] = []
  let node: NodeProcess | null = null
  try {
    const openBrowser = async () => {
      const browser = await chromium.launch(chromiumLaunchOptions())
      browsers.push(browser)
      const context = await browser.newContext()
      // tsx keeps functions' names by a helper, which a function that is sent to a page leaves behind.
      await context.addInitScript('globalThis.__name = (named) => named')
      await context.addInitScript(watchResources)
      return context
    }
    const open = (context: BrowserContext) => openTab(context, address.href, options.everyMs)
    node = await startNodePeer({
      ...{ room, signaling: [signaling.url], data, iceServers: [] },
      ...{ everyMs: options.everyMs, fillerBytes },
    })
    const staying: Page[] = []
    for (let number = 0; number < stayingTabs; number++) staying.push(await open(await openBrowser()))
    const others = await openBrowser()
    const churning: { page: Page }[] = []
    for (let number = stayingTabs; number < options.tabs; number++) churning.push({ page: await open(others) })
    await soak(options, { staying, churning, node, openTab: () => open(others) }, address.href)
  } finally {
    node?.kill()
    for (const browser of browsers) await browser.close()
    await served.close()
    await signaling.close()
    rmSync(data, { recursive: true, force: true })
  }
}

async function soak(options: Options, stage: Stage, address: string): Promise<void> {
  const residents: Resident[] = [{ name: 'headless peer', probe: stage.node.probe, samples: [] }]
  for (const [number, page] of stage.staying.entries()) {
    residents.push({ name: `tab ${number}`, probe: await probeOf(page), samples: [] })
  }
  const random = xoroshiro128plus(options.seed)
  const draw = (most: number) => uniformInt(random, 0, most)
  const churn: Record<string, number> = {}
  const startedMs = performance.now()
  for (let minute = 0; minute <= options.minutes; minute++) {
    for (const { name, probe, samples } of residents) {
      const sample = await probe(minute)
      samples.push(sample)
      console.log(JSON.stringify({ name, ...row(sample) }))
    }
    const untilMs = startedMs + (minute + 1) * 60_000
    while (minute < options.minutes && performance.now() < untilMs) {
      const action = await disturb(stage, draw)
      churn[action] = (churn[action] ?? 0) + 1
      const leftMs = Math.min(options.churnSeconds * 1000, untilMs - performance.now())
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, leftMs)))
    }
  }
  console.log(JSON.stringify({ churn }))
  for (const { name, samples } of residents) printTable(name, samples)
  for (const { name, samples } of residents) console.log(JSON.stringify(trendOf(name, samples, options.warmUpMinutes)))
  await conclude(stage, address)
}

/** Either what a user does with a tab, or what a network does with a connection. Answers with its name, or with what went wrong. */
async function disturb({ staying, churning, openTab }: Stage, draw: (most: number) => number): Promise<string> {
  if (draw(2) === 0) {
    const how = draw(1) === 0 ? 'kill' : 'vanish'
    const page = staying[draw(staying.length - 1)] as Page
    const choice = draw(1_000)
    await page.evaluate(
      ({ how, choice }) => {
        const linked = globalThis.network.linked()
        globalThis.network[how](linked[choice % linked.length] ?? '')
      },
      { how, choice } as const,
    )
    return how
  }
  return await change(churning[draw(churning.length - 1)] as { page: Page }, draw(2), openTab)
}

async function change(tab: { page: Page }, choice: number, open: () => Promise<Page>): Promise<string> {
  const actions = [
    ['reload', () => tab.page.reload()],
    ['close', () => tab.page.close()],
    ['leave', () => tab.page.evaluate(() => globalThis.section.leave()).then(() => tab.page.close())],
  ] as const
  const [name, act] = actions[choice] ?? actions[0]
  try {
    if (!tab.page.isClosed()) await act()
    if (tab.page.isClosed()) tab.page = await open()
    else await untilLive(tab.page)
    return name
  } catch (error) {
    console.error(`${name}: ${String(error)}`)
    await tab.page.close()
    return `${name} failed`
  }
}

async function openTab(context: BrowserContext, address: string, everyMs: number): Promise<Page> {
  const page = await context.newPage()
  await page.addInitScript(submitAlways, { everyMs, fillerBytes })
  await page.goto(address)
  try {
    await untilLive(page)
  } catch (error) {
    // Left open, it would join later, beside the tab that is opened in its place.
    await page.close()
    throw error
  }
  return page
}

/** Runs in the page, after every load of it. */
function submitAlways({ everyMs, fillerBytes }: { everyMs: number; fillerBytes: number }): void {
  let count = 0
  setInterval(() => {
    if (globalThis.section?.status.role !== 'member' && globalThis.section?.status.role !== 'voter') return
    // What is still open when the tab goes away stays open.
    globalThis.section.submit({ label: `${count++}`, filler: new Uint8Array(fillerBytes) }).final.catch(() => {})
  }, everyMs)
}

async function untilLive(page: Page): Promise<void> {
  await page.locator('body[data-phase=live]').waitFor({ state: 'attached', timeout: joinPatienceMs })
}

/** Compares each staying tab with itself, reloaded and brought up to date; then everybody goes. */
async function conclude({ staying, churning, node }: Stage, address: string): Promise<void> {
  for (const { page } of churning) if (!page.isClosed()) await page.close()
  for (const [number, page] of staying.entries()) {
    const before = await (await probeOf(page))(0)
    await page.goto('about:blank')
    await page.goto(address)
    await untilLive(page)
    await page.waitForFunction((events) => globalThis.section.diagnostics().events >= events, before.events, {
      timeout: joinPatienceMs,
    })
    const after = await (await probeOf(page))(0)
    console.log(JSON.stringify({ name: `tab ${number}`, atTheEnd: row(before), reloaded: row(after) }))
  }
  for (const [number, page] of staying.entries()) {
    const left = await page.evaluate(() => globalThis.section.leave().then(() => globalThis.resources()))
    console.log(JSON.stringify({ name: `tab ${number}`, afterLeaving: left }))
  }
  const { resources } = await node.close()
  console.log(JSON.stringify({ name: 'headless peer', afterClosing: resources }))
}
