/** Load on the tabs of a stage for a while, and what came of it. */
import type { Page } from 'playwright'
import { type Histogram, quantile, sumOf } from './histogram.ts'
import type { Counted } from './page/load.ts'
import type { ProcessUse } from './processes.ts'
import type { Stage } from './stage.ts'

export interface PhaseTerms {
  /** By all tabs together; null: as many as settle. */
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
  readonly seconds: number
  /** By all tabs together. */
  readonly submittedPerSecond: number
  readonly withheld: number
  /** Payments that arrived a second, own ones included, by tab. */
  readonly deliveredPerSecond: readonly number[]
  /** From the submission in a tab until it settled there, in milliseconds. */
  readonly settlingMs: Quantiles
  /** From the submission in one tab until the arrival in another. */
  readonly arrivingMs: Quantiles
  /** Of the whole browser; NaN where it cannot be told. */
  readonly cpuMsPerPayment: number
  /** Of cores. */
  readonly cpuShare: number
  /** By all tabs together, over WebRTC. */
  readonly bytesPerPayment: number
  readonly eventsPerSecond: number | null
  readonly blocksPerSecond: number | null
}

export async function runPhase({ tabs, processes }: Stage, terms: PhaseTerms): Promise<Phase> {
  const { perSecond, warmUpSeconds, seconds } = terms
  const ofTab = {
    perSecond: perSecond === null ? null : perSecond / tabs.length,
    outstanding: Math.ceil(terms.outstanding / tabs.length),
  }
  await onEach(tabs, (page, index) =>
    page.evaluate((terms) => globalThis.tab.start(terms), { ...ofTab, seed: terms.seed * 1_000 + index }),
  )
  await pause(warmUpSeconds)
  const before = await look(tabs, processes)
  await onEach(tabs, (page) => page.evaluate(() => globalThis.tab.restart()))
  await pause(seconds)
  const counted = await onEach(tabs, (page) => page.evaluate(() => globalThis.tab.counted()))
  const after = await look(tabs, processes)
  await onEach(tabs, (page) => page.evaluate(() => globalThis.tab.stop()))
  return summary(terms, before, after, counted)
}

interface Look {
  readonly atMs: number
  readonly cpuMs: number
  readonly sentBytes: number
  readonly events: number | null
  readonly height: number | null
}

async function look(tabs: readonly Page[], processes: () => readonly ProcessUse[]): Promise<Look> {
  const cpuMs = processes().reduce((sum, use) => sum + use.cpuMs, 0)
  const atMs = performance.now()
  const facts = await onEach(tabs, (page) =>
    page.evaluate(async () => ({ ...globalThis.tab.facts(), sentBytes: await globalThis.tab.sentBytes() })),
  )
  const [{ events, height }] = facts as [(typeof facts)[0]]
  return { atMs, cpuMs, events, height, sentBytes: facts.reduce((sum, { sentBytes }) => sum + sentBytes, 0) }
}

function summary({ perSecond }: PhaseTerms, before: Look, after: Look, counted: readonly Counted[]): Phase {
  const seconds = (after.atMs - before.atMs) / 1000
  const total = (of: (counted: Counted) => number) => counted.reduce((sum, each) => sum + of(each), 0)
  const delivered = total((each) => each.delivered) / counted.length
  const perSecondOf = (then: number | null, now: number | null) =>
    then === null || now === null ? null : (now - then) / seconds
  return {
    perSecond,
    seconds,
    submittedPerSecond: total(({ submitted }) => submitted) / seconds,
    withheld: total(({ withheld }) => withheld),
    deliveredPerSecond: counted.map((each) => each.delivered / seconds),
    settlingMs: quantilesOf(sumOf(counted.map(({ settling }) => settling))),
    arrivingMs: quantilesOf(sumOf(counted.map(({ arriving }) => arriving))),
    cpuMsPerPayment: (after.cpuMs - before.cpuMs) / delivered,
    cpuShare: (after.cpuMs - before.cpuMs) / (after.atMs - before.atMs),
    bytesPerPayment: (after.sentBytes - before.sentBytes) / delivered,
    eventsPerSecond: perSecondOf(before.events, after.events),
    blocksPerSecond: perSecondOf(before.height, after.height),
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
