/** Load on the tabs of a stage for a while, and what came of it. */
import type { Page } from 'playwright'
import { type Histogram, quantile, sumOf } from '../../sdk/bench/histogram.ts'
import type { Counted } from './page/load.ts'
import { isTab, type ProcessUse } from './processes.ts'
import type { Stage } from './stage.ts'

export interface PhaseTerms {
  /** By all tabs together, 0 for none; null: as many as settle. */
  readonly perSecond: number | null
  /** Not counted, before what is. */
  readonly warmUpSeconds: number
  readonly seconds: number
  /** The most payments under way at a time, by all tabs together. */
  readonly outstanding: number
  readonly seed: number
}

export interface Quantiles {
  readonly p50: number
  readonly p90: number
  readonly p99: number
}

export interface Phase {
  readonly perSecond: number | null
  /** By all tabs together. */
  readonly submittedPerSecond: number
  /** What the rate would have had beyond what may be under way. */
  readonly withheldPerSecond: number
  /** Payments that arrived a second, own ones included, by tab. */
  readonly deliveredPerSecond: readonly number[]
  /** From the submission in a tab until it settled there, in milliseconds. */
  readonly settlingMs: Quantiles
  /** From the submission in one tab until the arrival in another. */
  readonly arrivingMs: Quantiles
  /** Of the whole browser; NaN where it cannot be told. */
  readonly cpuMsPerPayment: number
  /** Of cores: all processes, and those of the tabs alone. */
  readonly cpuShare: number
  readonly tabsCpuShare: number
  /** By all tabs together, and by the server in the middle where there is one. */
  readonly bytesPerPayment: number
  readonly bytesPerSecond: number
  /** NaN where there are none. */
  readonly eventsPerSecond: number
  readonly blocksPerSecond: number
}

/** A phase whose load has ended. */
export interface EndedPhase extends Phase {
  /** Payments that were given up. */
  readonly unsettled: number
}

/** What has not settled by then is taken for lost. */
const patienceSeconds = 60

/** Load until all of it is done; what is measured is the time after the warm-up. */
export async function runPhase(stage: Stage, terms: PhaseTerms): Promise<EndedPhase> {
  await startLoad(stage, terms)
  await pause(terms.warmUpSeconds)
  const phase = await measure(stage, terms)
  return { ...phase, unsettled: await stopLoad(stage) }
}

export async function startLoad({ tabs }: Stage, { perSecond, outstanding, seed }: PhaseTerms): Promise<void> {
  if (perSecond === 0) return
  const ofTab = {
    perSecond: perSecond === null ? null : perSecond / tabs.length,
    outstanding: Math.ceil(outstanding / tabs.length),
  }
  await onEach(tabs, (page, index) =>
    page.evaluate((terms) => globalThis.tab.start(terms), { ...ofTab, seed: seed * 1_000 + index }),
  )
}

/** Resolves once nothing is under way, or after a while, with how many payments have not settled. */
export async function stopLoad({ tabs }: Stage): Promise<number> {
  const unsettled = await onEach(tabs, (page) =>
    page.evaluate((patienceMs) => globalThis.tab.stop(patienceMs), 1000 * patienceSeconds),
  )
  const sum = unsettled.reduce((total, count) => total + count, 0)
  if (sum > 0) console.log(`${sum} payments have not settled in ${patienceSeconds} s after the last one`)
  return sum
}

/** What happens in the next seconds. */
export async function measure(stage: Stage, terms: Pick<PhaseTerms, 'perSecond' | 'seconds'>): Promise<Phase> {
  const { tabs } = stage
  const before = await look(stage)
  await onEach(tabs, (page) => page.evaluate(() => globalThis.tab.restart()))
  await pause(terms.seconds)
  const counted = await onEach(tabs, (page) => page.evaluate(() => globalThis.tab.counted()))
  const after = await look(stage)
  return summary(terms.perSecond, before, after, counted)
}

/** Each with the time at which it was so: on a busy machine looking takes a while. */
interface Look {
  readonly cpu: Reading
  readonly tabsCpu: Reading
  readonly sentBytes: Reading
  readonly events: Reading
  readonly blocks: Reading
}

interface Reading {
  readonly atMs: number
  readonly value: number
}

async function look({ tabs, processes, sentBytes }: Stage): Promise<Look> {
  const [first] = tabs as [Page]
  const reading = (value: number): Reading => ({ atMs: performance.now(), value })
  const cpuMs = (uses: readonly ProcessUse[]) => uses.reduce((sum, use) => sum + use.cpuMs, 0)
  const used = processes()
  const [cpu, tabsCpu] = [reading(cpuMs(used)), reading(cpuMs(used.filter(isTab)))]
  const { events, height } = await first.evaluate(() => globalThis.tab.facts())
  const [eventsNow, blocks] = [reading(events ?? Number.NaN), reading(height ?? Number.NaN)]
  return { cpu, tabsCpu, events: eventsNow, blocks, sentBytes: reading(await sentBytes()) }
}

function summary(perSecond: number | null, before: Look, after: Look, counted: readonly Counted[]): Phase {
  const rate = (of: (look: Look) => Reading) => {
    const [then, now] = [of(before), of(after)]
    return (1000 * (now.value - then.value)) / (now.atMs - then.atMs)
  }
  const perTab = (of: (counted: Counted) => number) =>
    counted.map((each) => (1000 * of(each)) / (each.atMs - each.sinceMs))
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const deliveredPerSecond = perTab(({ delivered }) => delivered)
  const payments = sum(deliveredPerSecond) / counted.length
  const [cpuMs, bytes] = [rate(({ cpu }) => cpu), rate(({ sentBytes }) => sentBytes)]
  return {
    perSecond,
    submittedPerSecond: sum(perTab(({ submitted }) => submitted)),
    withheldPerSecond: sum(perTab(({ withheld }) => withheld)),
    deliveredPerSecond,
    settlingMs: quantilesOf(sumOf(counted.map(({ settling }) => settling))),
    arrivingMs: quantilesOf(sumOf(counted.map(({ arriving }) => arriving))),
    cpuMsPerPayment: cpuMs / payments,
    cpuShare: cpuMs / 1000,
    tabsCpuShare: rate(({ tabsCpu }) => tabsCpu) / 1000,
    bytesPerPayment: bytes / payments,
    bytesPerSecond: bytes,
    eventsPerSecond: rate(({ events }) => events),
    blocksPerSecond: rate(({ blocks }) => blocks),
  }
}

function quantilesOf(histogram: Histogram): Quantiles {
  const at = (share: number) => quantile(histogram, share)
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) }
}

export function onEach<T>(tabs: readonly Page[], act: (page: Page, index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(tabs.map(act))
}

export function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000))
}
