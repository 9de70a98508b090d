/**
 * `npm run soak -- [--minutes 60] [--tabs 4] [--every-ms 5000] [--seed 1]`: a section under churn. Two tabs stay, the others
 * reload, close and come back, or leave and come as somebody else; all submit. Prints once a minute what the tabs that stay
 * hold after a forced collection, and at the end what of it is history: a reloaded tab that has restored the same history
 * holds nothing else.
 */
import { parseArgs } from 'node:util'
import { type BrowserContext, type CDPSession, chromium, type Page } from 'playwright'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { chromiumLaunchOptions } from '../scripts/browsers.ts'
import { slope } from '../sdk/bench/report.ts'
import { startSignalingServer } from '../signaling/src/index.ts'
import { serveTestPage } from './network/build.ts'
import { watchResources } from './network/resources.ts'

interface Options {
  readonly minutes: number
  readonly tabs: number
  readonly everyMs: number
  readonly seed: number
}

interface Sample {
  readonly minute: number
  /** JavaScript heap and array buffers, after a forced collection. */
  readonly heapBytes: number
  readonly bufferBytes: number
  readonly events: number
  readonly height: number
  readonly members: number
  readonly connections: number
  readonly timers: number
  readonly handlers: number
}

interface Tab {
  page: Page
  readonly stays: boolean
}

const staying = 2
const fillerBytes = 100
/** The whole history is fetched and checked first. */
const joinPatienceMs = 300_000

await main(readOptions())

function readOptions(): Options {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ options: { minutes: text, tabs: text, 'every-ms': text, seed: text } })
  return {
    minutes: Number(values.minutes ?? 60),
    tabs: Math.max(staying + 1, Number(values.tabs ?? 4)),
    everyMs: Number(values['every-ms'] ?? 5_000),
    seed: Number(values.seed ?? 1),
  }
}

async function main(options: Options): Promise<void> {
  console.log(JSON.stringify(options))
  const signaling = await startSignalingServer({ port: 0, host: 'localhost' })
  const served = await serveTestPage()
  const browser = await chromium.launch(chromiumLaunchOptions())
  try {
    const context = await browser.newContext()
    // tsx keeps functions' names by a helper, which a function that is sent to a page leaves behind.
    await context.addInitScript('globalThis.__name = (named) => named')
    await context.addInitScript(watchResources)
    const address = new URL(served.url)
    address.searchParams.set('room', 'soak')
    address.searchParams.set('signaling', signaling.url)
    await soak(options, context, address.href)
  } finally {
    await browser.close()
    await served.close()
    await signaling.close()
  }
}

async function soak(options: Options, context: BrowserContext, address: string): Promise<void> {
  const random = xoroshiro128plus(options.seed)
  const open = () => openTab(context, address, options.everyMs)
  const tabs: Tab[] = []
  for (let number = 0; number < options.tabs; number++) tabs.push({ page: await open(), stays: number < staying })
  const churning = tabs.filter(({ stays }) => !stays)
  const probes = await Promise.all(tabs.filter(({ stays }) => stays).map(({ page }) => probeOf(page)))
  const samples: Sample[][] = probes.map(() => [])
  const churn: Record<string, number> = {}
  const startedMs = performance.now()
  for (let minute = 0; minute <= options.minutes; minute++) {
    for (const [index, probe] of probes.entries()) {
      const sample = await probe(minute)
      samples[index]?.push(sample)
      if (index === 0) console.log(JSON.stringify(sample))
    }
    const action = await change(
      churning[uniformInt(random, 0, churning.length - 1)] as Tab,
      uniformInt(random, 0, 2),
      open,
    )
    churn[action] = (churn[action] ?? 0) + 1
    const untilMs = startedMs + (minute + 1) * 60_000
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, untilMs - performance.now())))
  }
  console.log(JSON.stringify({ churn }))
  await conclude(tabs, samples, address)
}

/** What a user does with a tab. Answers with its name, or with what went wrong. */
async function change(tab: Tab, choice: number, open: () => Promise<Page>): Promise<string> {
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

async function probeOf(page: Page): Promise<(minute: number) => Promise<Sample>> {
  const session: CDPSession = await page.context().newCDPSession(page)
  return async (minute) => {
    await session.send('HeapProfiler.collectGarbage')
    const usage = (await session.send('Runtime.getHeapUsage')) as { usedSize: number; backingStorageSize?: number }
    const seen = await page.evaluate(() => {
      const { connections, timers, handlers } = globalThis.resources()
      const { height, members } = globalThis.section.status
      const { events } = globalThis.section.diagnostics()
      return { events, height, members: members.length, connections, timers, handlers: handlers.length }
    })
    return { minute, heapBytes: usage.usedSize, bufferBytes: usage.backingStorageSize ?? 0, ...seen }
  }
}

/** Compares each staying tab with itself, reloaded and brought up to date. */
async function conclude(tabs: readonly Tab[], samples: readonly Sample[][], address: string): Promise<void> {
  for (const { page, stays } of tabs) if (!stays) await page.close()
  for (const [index, { page }] of tabs.filter(({ stays }) => stays).entries()) {
    const own = samples[index] as Sample[]
    const before = await (await probeOf(page))(own.length)
    await page.goto('about:blank')
    await page.goto(address)
    await untilLive(page)
    await page.waitForFunction((events) => globalThis.section.diagnostics().events >= events, before.events, {
      timeout: joinPatienceMs,
    })
    const after = await (await probeOf(page))(own.length)
    console.log(`\ntab ${index}: heap and buffers in MB, after a forced collection`)
    console.table(own.filter((_, i) => i % Math.ceil(own.length / 13) === 0 || i === own.length - 1).map(row))
    const total = ({ heapBytes, bufferBytes }: Sample) => heapBytes + bufferBytes
    console.log(
      JSON.stringify({
        bytesPerEvent: Math.round(slope(own.map((sample) => [sample.events, total(sample)]))),
        bytesPerMinute: Math.round(slope(own.map((sample) => [sample.minute, total(sample)]))),
        atTheEnd: row(before),
        reloadedWithTheSameHistory: row(after),
      }),
    )
  }
}

function row({ heapBytes, bufferBytes, ...rest }: Sample) {
  const mb = (bytes: number) => Number((bytes / 1e6).toFixed(2))
  return { ...rest, heapMB: mb(heapBytes), buffersMB: mb(bufferBytes) }
}
