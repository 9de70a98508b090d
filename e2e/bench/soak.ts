/** Saturation for minutes: whether memory stays flat, and rate and latency with it. */
import type { Page } from 'playwright'
import { begin, conclude, digits, slope, type Table } from '../../sdk/bench/report.ts'
import { memoryOf, processesOf, threadsOf } from './inspector.ts'
import { measure, onEach, type Phase, pause, startLoad, stopLoad } from './phase.ts'
import { useOf } from './processes.ts'
import { openStage, type Site, type Stage } from './stage.ts'

export interface SoakOptions {
  readonly minutes: number
  readonly tabs: number
  readonly outstanding: number
  readonly seed: number
}

/** Of one tab, page and worker together, after a forced collection; of its process. */
interface TabMemory {
  readonly heapBytes: number
  readonly bufferBytes: number
  readonly rssBytes: number
}

interface Minute {
  readonly minute: number
  readonly phase: Phase
  /** At its end, by tab. */
  readonly memory: readonly TabMemory[]
}

/** Of each minute: in the rest memory is looked at, which takes time, and what was held up by that arrives. */
const measuredSeconds = 45

export async function soak(site: Site, options: SoakOptions): Promise<void> {
  const head = begin('browser-soak', { ...options })
  const stage = await openStage(site, { subject: 'section', tabs: options.tabs, maxVoters: 13 })
  try {
    const minutes = await watch(stage, options)
    conclude(
      { ...head, settings: { ...head.settings, browsers: stage.browsers } },
      [byMinute(minutes), trends(minutes)],
      { minutes },
    )
  } finally {
    await stage.close()
  }
}

async function watch(stage: Stage, { minutes: count, outstanding, seed }: SoakOptions): Promise<Minute[]> {
  const pids = await processesOf(stage.tabs)
  const probes = await onEach(stage.tabs, (page, index) => probeOf(page, pids[index] as number))
  const minutes: Minute[] = []
  await startLoad(stage, { perSecond: null, warmUpSeconds: 0, seconds: 0, outstanding, seed })
  const startedMs = performance.now()
  for (let minute = 1; minute <= count; minute++) {
    const restMs = startedMs + minute * 60_000 - measuredSeconds * 1000 - performance.now()
    await pause(Math.max(0, restMs / 1000))
    const phase = await measure(stage, { perSecond: null, seconds: measuredSeconds })
    minutes.push({ minute, phase, memory: await Promise.all(probes.map((probe) => probe())) })
    console.log(cellsOf(minutes.at(-1) as Minute).join(' | '))
  }
  await stopLoad(stage)
  return minutes
}

async function probeOf(page: Page, pid: number): Promise<() => Promise<TabMemory>> {
  const threads = await threadsOf(page)
  return async () => {
    const memories = await Promise.all(threads.map(memoryOf))
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
    return {
      heapBytes: sum(memories.map(({ heapBytes }) => heapBytes)),
      bufferBytes: sum(memories.map(({ bufferBytes }) => bufferBytes)),
      rssBytes: sum(useOf(pid).map(({ rssBytes }) => rssBytes)),
    }
  }
}

const kinds = { heapBytes: 'JavaScript heap', bufferBytes: 'array buffers', rssBytes: 'resident' } as const
const megabytes = (bytes: number) => digits(bytes / 1e6)
const finalPerSecond = ({ phase }: Minute) => Math.min(...phase.deliveredPerSecond)

function cellsOf(minute: Minute): (string | number)[] {
  const { phase, memory } = minute
  const byTab = (kind: keyof typeof kinds) => memory.map((tab) => megabytes(tab[kind])).join(' / ')
  const { p50, p99 } = phase.settlingMs
  return [
    ...[minute.minute, digits(finalPerSecond(minute)), digits(p50), digits(p99), digits(phase.cpuShare)],
    ...[byTab('heapBytes'), byTab('bufferBytes'), byTab('rssBytes')],
  ]
}

function byMinute(minutes: readonly Minute[]): Table {
  const memory = Object.values(kinds).map((kind) => `${kind} by tab, MB`)
  const columns = ['minute', 'final a second in every tab', 'p50, ms', 'p99, ms', 'cores', ...memory]
  return { title: 'Saturation by the minute; memory after a forced collection', columns, rows: minutes.map(cellsOf) }
}

/** Straight lines through the minutes; the first one, in which the compiler is busy, left out where there are more. */
function trends(minutes: readonly Minute[]): Table {
  const late = minutes.length > 2 ? minutes.slice(1) : minutes
  const perMinute = (of: (minute: Minute) => number) => slope(late.map((minute) => [minute.minute, of(minute)]))
  const share = (of: (minute: Minute) => number) => {
    const mean = late.reduce((sum, minute) => sum + of(minute), 0) / late.length
    return `${((100 * perMinute(of)) / mean).toFixed(1)} %`
  }
  const tabs = minutes[0]?.memory ?? []
  const perPayment = (tab: number) => {
    const payments = (60 * late.reduce((sum, minute) => sum + finalPerSecond(minute), 0)) / late.length
    return digits(perMinute(({ memory }) => memory[tab]?.rssBytes ?? 0) / payments)
  }
  const memory = (Object.keys(kinds) as (keyof typeof kinds)[]).map((kind) => [
    `${kinds[kind]}, MB by tab`,
    tabs.map((_, tab) => megabytesOf(perMinute(({ memory }) => memory[tab]?.[kind] ?? 0))).join(' / '),
  ])
  return {
    title: 'Change in a minute',
    columns: ['of', 'a minute'],
    rows: [
      ['final a second in every tab', share(finalPerSecond)],
      ['p50', share(({ phase }) => phase.settlingMs.p50)],
      ['p99', share(({ phase }) => phase.settlingMs.p99)],
      ...memory,
      ['resident, bytes for every payment, by tab', tabs.map((_, tab) => perPayment(tab)).join(' / ')],
    ],
  }
}

function megabytesOf(bytes: number): string {
  return (bytes / 1e6).toFixed(2)
}
