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

/** The process in which a page runs: it leaves a mark in the browser's trace. */
export async function processOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  const mark = `the process of ${Math.random()}`
  const found: number[] = []
  session.on('Tracing.dataCollected', ({ value }) => {
    for (const event of value as unknown as { readonly name: string; readonly pid: number }[]) {
      if (event.name === mark) found.push(event.pid)
    }
  })
  const complete = new Promise<void>((resolve) => session.once('Tracing.tracingComplete', () => resolve()))
  await session.send('Tracing.start', { traceConfig: { includedCategories: ['blink.user_timing'] } })
  await page.evaluate((name) => void performance.mark(name), mark)
  await session.send('Tracing.end')
  await complete
  await session.detach()
  const [pid] = found
  if (pid === undefined) throw new Error('the trace does not show the page')
  return pid
}
