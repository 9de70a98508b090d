/** What the processes of the soak hold, minute by minute, and what becomes of it. */
import type { CDPSession, Page } from 'playwright'
import { slope } from '../../sdk/bench/report.ts'
import { memoryOf, processesOf } from '../bench/inspector.ts'
import { useOf } from '../bench/processes.ts'

/** Of one process at one time. */
export interface Sample {
  readonly minute: number
  /** JavaScript objects, and array buffers beside them, after a forced collection. */
  readonly heapBytes: number
  readonly bufferBytes: number
  /** Resident, whatever it is for; NaN where it cannot be told. */
  readonly rssBytes: number
  readonly events: number
  readonly height: number
  readonly members: number
  /** That are up, and peers that the transport remembers. */
  readonly connections: number
  readonly peersKnown: number
  /** Peer connections, sockets, channels, timers, handlers; in Node what keeps the process alive. */
  readonly resources: Readonly<Record<string, number>>
}

/** Looks at a tab of Chromium. */
export async function probeOf(page: Page): Promise<(minute: number) => Promise<Sample>> {
  const session: CDPSession = await page.context().newCDPSession(page)
  const thread = {
    kind: 'page' as const,
    ask: (method: string, params = {}) => session.send(method as 'Runtime.enable', params as never),
  }
  const [pid = 0] = await processesOf([page])
  return async (minute) => {
    const memory = await memoryOf(thread)
    const seen = await page.evaluate(() => {
      const { handlers, ...resources } = globalThis.resources()
      const { events, transport } = globalThis.section.diagnostics()
      const { height, members } = globalThis.section.status
      return {
        ...{ events, height, members: members.length, peersKnown: transport.peers.length },
        connections: transport.peers.filter(({ state }) => state === 'up').length,
        resources: { ...resources, handlers: handlers.length },
      }
    })
    return { minute, ...memory, rssBytes: useOf(pid)[0]?.rssBytes ?? Number.NaN, ...seen }
  }
}

export function row({ heapBytes, bufferBytes, rssBytes, resources, ...rest }: Sample) {
  const mb = (bytes: number) => Number((bytes / 1e6).toFixed(2))
  return { ...rest, heapMB: mb(heapBytes), buffersMB: mb(bufferBytes), rssMB: mb(rssBytes), ...resources }
}

/** At most some thirteen, the last one included. */
export function printTable(name: string, samples: readonly Sample[]): void {
  console.log(`\n${name}: heap and buffers after a forced collection`)
  const every = Math.ceil(samples.length / 13)
  console.table(samples.filter((_, i) => i % every === 0 || i === samples.length - 1).map(row))
}

/** Straight lines through the samples after the warm-up, in which code is compiled and the section grows. */
export function trendOf(name: string, samples: readonly Sample[], warmUpMinutes: number) {
  const warm = samples.filter(({ minute }) => minute >= warmUpMinutes)
  const perMinute = (of: (sample: Sample) => number) => Math.round(slope(warm.map((s) => [s.minute, of(s)])))
  const perEvent = (of: (sample: Sample) => number) => Math.round(slope(warm.map((s) => [s.events, of(s)])))
  return {
    ...{ name, fromMinute: warm[0]?.minute, toMinute: warm.at(-1)?.minute },
    heapBytesPerMinute: perMinute(({ heapBytes }) => heapBytes),
    bufferBytesPerMinute: perMinute(({ bufferBytes }) => bufferBytes),
    rssBytesPerMinute: perMinute(({ rssBytes }) => rssBytes),
    eventsPerMinute: perMinute(({ events }) => events),
    heapAndBufferBytesPerEvent: perEvent(({ heapBytes, bufferBytes }) => heapBytes + bufferBytes),
  }
}
