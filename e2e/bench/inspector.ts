/** The threads of a tab in Chromium, seen through its debugger: memory, and profiles. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CDPSession, Page } from 'playwright'

export interface Thread {
  readonly kind: 'page' | 'worker'
  ask(method: string, params?: object): Promise<Record<string, unknown>>
}

/** The page and its workers. Of workers that start later nothing is known. */
export async function threadsOf(page: Page): Promise<Thread[]> {
  const session = await page.context().newCDPSession(page)
  const workers: string[] = []
  session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
    if (targetInfo.type === 'worker') workers.push(sessionId)
  })
  const ask: Thread['ask'] = (method, params = {}) => session.send(method as 'Runtime.enable', params as never)
  await ask('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false })
  return [
    { kind: 'page', ask },
    ...workers.map((sessionId) => ({ kind: 'worker' as const, ask: within(session, sessionId) })),
  ]
}

/** To a worker, inside of messages to its page. */
function within(session: CDPSession, sessionId: string): Thread['ask'] {
  const waiting = new Map<number, (answer: Record<string, unknown>) => void>()
  let last = 0
  session.on('Target.receivedMessageFromTarget', (received) => {
    if (received.sessionId !== sessionId) return
    const { id, result } = JSON.parse(received.message) as { id?: number; result?: Record<string, unknown> }
    if (id === undefined) return
    waiting.get(id)?.(result ?? {})
    waiting.delete(id)
  })
  return (method, params = {}) =>
    new Promise((resolve, reject) => {
      const id = ++last
      waiting.set(id, resolve)
      const message = JSON.stringify({ id, method, params })
      session.send('Target.sendMessageToTarget', { sessionId, message } as never).catch(reject)
    })
}

export interface Memory {
  /** JavaScript objects, and array buffers beside them, after a forced collection. */
  readonly heapBytes: number
  readonly bufferBytes: number
}

export async function memoryOf({ ask }: Thread): Promise<Memory> {
  await ask('HeapProfiler.collectGarbage')
  const { usedSize, backingStorageSize } = await ask('Runtime.getHeapUsage')
  return { heapBytes: Number(usedSize), bufferBytes: Number(backingStorageSize ?? 0) }
}

/** Profiles all threads of a tab while `work` goes on, into `NAME-page.cpuprofile` and `NAME-worker.cpuprofile`. */
export async function profiled<T>(page: Page, folder: string, name: string, work: () => Promise<T>): Promise<T> {
  const threads = await threadsOf(page)
  for (const { ask } of threads) {
    await ask('Profiler.enable')
    await ask('Profiler.start')
  }
  const result = await work()
  mkdirSync(folder, { recursive: true })
  for (const { kind, ask } of threads) {
    const { profile } = await ask('Profiler.stop')
    writeFileSync(join(folder, `${name}-${kind}.cpuprofile`), JSON.stringify(profile))
  }
  return result
}

/** The processes in which pages of one browser run: each leaves its mark in the browser's trace. */
export async function processesOf(pages: readonly Page[]): Promise<number[]> {
  const [first] = pages as [Page]
  const session = await first.context().newCDPSession(first)
  const markOf = (index: number) => `the process of page ${index}`
  const found = new Map<string, number>()
  session.on('Tracing.dataCollected', ({ value }) => {
    for (const { name, pid } of value as unknown as { readonly name: string; readonly pid: number }[]) {
      found.set(name, pid)
    }
  })
  const complete = new Promise<void>((resolve) => session.once('Tracing.tracingComplete', () => resolve()))
  await session.send('Tracing.start', { traceConfig: { includedCategories: ['blink.user_timing'] } })
  for (const [index, page] of pages.entries()) {
    await page.evaluate((name) => void performance.mark(name), markOf(index))
  }
  await session.send('Tracing.end')
  await complete
  await session.detach()
  return pages.map((_, index) => {
    const pid = found.get(markOf(index))
    if (pid === undefined) throw new Error('the trace does not show every page')
    return pid
  })
}
