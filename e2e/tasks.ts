/** What a page's main thread does, by the browser's own trace. */
import type { CDPSession, Page } from '@playwright/test'

export interface Task {
  readonly wallMs: number
  /** Of the thread's own time: other processes do not count. */
  readonly cpuMs: number
}

interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly dur?: number
  readonly tdur?: number
  readonly args?: { readonly name?: string }
}

/** The tasks of the page's main thread while `work` goes on. */
export async function tasksDuring<T>(page: Page, work: () => Promise<T>): Promise<{ tasks: Task[]; result: T }> {
  const session: CDPSession = await page.context().newCDPSession(page)
  const events: TraceEvent[] = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])))
  const complete = new Promise<void>((resolve) => session.once('Tracing.tracingComplete', () => resolve()))
  const mark = 'the page that is measured'
  const includedCategories = ['disabled-by-default-devtools.timeline', 'blink.user_timing', '__metadata']
  await session.send('Tracing.start', { traceConfig: { includedCategories, recordMode: 'recordUntilFull' } })
  await page.evaluate((name) => void performance.mark(name), mark)
  const result = await work()
  await session.send('Tracing.end')
  await complete
  const marked = events.find(({ name }) => name === mark)
  if (!marked) throw new Error('the trace does not show the page')
  const tasks = events
    .filter(({ name, pid, tid }) => name === 'RunTask' && pid === marked.pid && tid === marked.tid)
    .map(({ dur = 0, tdur = dur }) => ({ wallMs: dur / 1000, cpuMs: tdur / 1000 }))
  return { tasks, result }
}
