/** One subject in fresh tabs under one load after another. */
import type { Page } from 'playwright'
import { profiled } from './inspector.ts'
import { type EndedPhase, pause, runPhase } from './phase.ts'
import { openStage, type Site, type Stage, type StageOptions } from './stage.ts'

/** Payments a second by all tabs together; `saturation`: as many as settle. */
export type Rate = 'idle' | 'saturation' | number

export interface Measured {
  readonly rate: Rate
  readonly phase: EndedPhase
}

export interface Run extends StageOptions {
  /** Names and versions. */
  readonly browsers: readonly string[]
  readonly repetition: number
  readonly formationMs: number
  readonly measured: readonly Measured[]
}

export interface Loads {
  /** Where CPU profiles of the first tab go; null: there are none. */
  readonly profiles: string | null
  readonly rates: readonly Rate[]
  /** For each rate; twice as long where little happens. */
  readonly seconds: number
  /** The most payments under way at a time, by all tabs together. */
  readonly outstanding: number
  readonly seed: number
}

/** A tab is at rest once nothing has happened for so long. */
const quietSeconds = 2
/** What never comes to rest is measured as it is. */
const quietPatienceSeconds = 30

/** No load is to meet code that the browser has not compiled yet. */
const warmUp = { perSecond: 100, seconds: 5 } as const

/** `told` hears of each load as soon as it was measured. */
export async function runSubject(
  site: Site,
  options: StageOptions,
  repetition: number,
  loads: Loads,
  told: (measured: Measured) => void,
): Promise<Run> {
  const stage = await openStage(site, options)
  try {
    const { outstanding } = loads
    const measured: Measured[] = []
    const seconds = Math.min(warmUp.seconds, loads.seconds)
    await runPhase(stage, { ...warmUp, seconds, warmUpSeconds: 0, outstanding, seed: repetition })
    for (const rate of loads.rates) {
      await untilQuiet(stage)
      const run = () =>
        runPhase(stage, {
          perSecond: rate === 'idle' ? 0 : rate === 'saturation' ? null : rate,
          warmUpSeconds: rate === 'idle' ? 0 : Math.min(2, loads.seconds / 2),
          seconds: rate === 'idle' || rate === 1 ? 2 * loads.seconds : loads.seconds,
          outstanding,
          seed: loads.seed + repetition,
        })
      const name = `${options.subject} ${options.tabs} tabs ${rate} ${repetition}`.replaceAll(' ', '-')
      const phase = await (loads.profiles === null ? run() : profiled(stage.tabs[0] as Page, loads.profiles, name, run))
      measured.push({ rate, phase })
      told({ rate, phase })
    }
    const { browsers, formationMs } = stage
    return { ...options, browsers, repetition, formationMs, measured }
  } finally {
    await stage.close()
  }
}

async function untilQuiet({ tabs }: Stage): Promise<void> {
  const [first] = tabs as [Page]
  // What has no events is quiet once its payments have settled.
  if ((await first.evaluate(() => globalThis.tab.facts().events)) === null) return
  const look = async () =>
    JSON.stringify(await Promise.all(tabs.map((page) => page.evaluate(() => globalThis.tab.facts()))))
  const giveUpMs = performance.now() + 1000 * quietPatienceSeconds
  for (let seen = await look(); performance.now() < giveUpMs; ) {
    await pause(quietSeconds)
    const now = await look()
    if (now === seen) return
    seen = now
  }
}
