/** What is stepped while the page may be gone any moment. Imports core types only. */
import type { Output } from '../core/io.ts'
import type { Parsec } from '../core/options.ts'

/** Most steps, and most time on the core's clock, that standing down takes: two events, each a pause after the last. */
const STAND_DOWN_STEPS = 16
const STAND_DOWN_MS = 1_000

export interface StandDownHost {
  readonly core: Pick<Parsec, 'status'>
  nowMs(): number
  /** The core's clock is at least here from now on. */
  advance(toMs: number): void
  step(kind: 'standDown' | 'timer'): Output
}

/** Ends with our vote for others, or with their being the voters, which a sole voter decides alone. */
export function standDownSteps({ core, nowMs, advance, step }: StandDownHost): Output[] {
  const endMs = nowMs() + STAND_DOWN_MS
  const outputs = [step('standDown')]
  for (let i = 0; i < STAND_DOWN_STEPS; i++) {
    const { membership, members } = core.status()
    const isSole = members.filter(({ voter }) => voter).length === 1
    const atMs = outputs.at(-1)?.nextTimerMs ?? null
    if (membership !== 'voter' || atMs === null || atMs > endMs) break
    if (!isSole && outputs.some(({ drafts }) => drafts.length > 0)) break
    advance(atMs)
    outputs.push(step('timer'))
  }
  return outputs
}
