/** Append, restart and catch-up in Chromium: histories that are recorded here, stored there. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chromium } from 'playwright'
import { chromiumLaunchOptions } from '../../scripts/browsers.ts'
import { begin, conclude, showSpread, spreadOf, type Table } from '../../sdk/bench/report.ts'
import { recordHistory } from '../../sdk/bench/store.ts'
import type { History, Work } from '../../sdk/bench/store-work.ts'
import type { StoreName } from './page/store.ts'
import type { Site } from './stage.ts'

export interface StoreOptions {
  readonly sizes: readonly number[]
  readonly repetitions: number
  readonly seed: number
}

interface Result {
  readonly store: StoreName
  readonly work: Work
  readonly events: number
  readonly wallMs: number[]
}

const names: readonly StoreName[] = ['memory', 'IndexedDB']

export async function benchStoreInBrowser(site: Site, options: StoreOptions): Promise<void> {
  const head = begin('browser-store', { ...options })
  const results: Result[] = []
  for (const size of options.sizes) {
    const history = recordHistory(size, options.seed)
    for (let repetition = 0; repetition < options.repetitions; repetition++) {
      for (const store of names) {
        for (const [work, events, ms] of await runIn(site, store, history)) {
          const known = results.find((r) => r.store === store && r.work === work && r.events === events)
          if (known) known.wallMs.push(ms)
          else results.push({ store, work, events, wallMs: [ms] })
        }
      }
    }
    console.log(`${history.stored.length} events done`)
  }
  conclude(head, [tableOf(results)], { results })
}

/** In a fresh browser, so that nothing of an earlier run is there. */
async function runIn(site: Site, store: StoreName, history: History) {
  const server = await serve(history)
  const browser = await chromium.launch(chromiumLaunchOptions())
  try {
    const page = await browser.newPage()
    await page.goto(site.page.url)
    const { voters, blocks } = history
    return await page.evaluate(({ store, place }) => globalThis.tab.store(store, place), {
      store,
      place: { url: server.url, voters, blocks },
    })
  } finally {
    await browser.close()
    server.close()
  }
}

async function serve({ stored }: History) {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'access-control-allow-origin': '*', 'content-type': 'application/octet-stream' })
    for (const { bytes } of stored) {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      response.write(length)
      response.write(bytes)
    }
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  return { url: `http://localhost:${(server.address() as AddressInfo).port}/`, close: () => server.close() }
}

function tableOf(results: readonly Result[]): Table {
  const rows = results.map(({ store, work, events, wallMs }) => [
    ...[work, store, events],
    showSpread(spreadOf(wallMs)),
    showSpread(spreadOf(wallMs.map((ms) => (1000 * ms) / events))),
  ])
  return { title: 'The store in Chromium', columns: ['work', 'store', 'events', 'ms', 'µs/event'], rows }
}
