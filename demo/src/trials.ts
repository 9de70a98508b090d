/** Proven misbehaviour, from the proof to the removal. Imports types only. */
import type { FinalBlock, Malice, PeerId } from 'parsec-web'

export interface Trial {
  readonly accused: PeerId
  /** Null where this tab only learnt of the removal. */
  readonly kind: Malice['kind'] | null
  /** When this tab held the proof, in milliseconds since 1970; null as above. */
  readonly provenMs: number | null
  /** Null until a final block removes the accused. */
  readonly removal: {
    readonly height: number
    /** When this tab knew; null for what was final before it came. */
    readonly knownMs: number | null
  } | null
}

/** Those that never come back. */
export function expelledIn(trials: readonly Trial[]): ReadonlySet<PeerId> {
  return new Set(trials.flatMap(({ accused, removal }) => (removal ? accused : [])))
}

/** The first proof against somebody counts. */
export function withProof(trials: readonly Trial[], { accused, kind }: Malice, nowMs: number): readonly Trial[] {
  if (trials.some((trial) => trial.accused === accused)) return trials
  return [...trials, { accused, kind, provenMs: nowMs, removal: null }]
}

/** `nowMs`: null for a block from before. */
export function withRemovals(trials: readonly Trial[], block: FinalBlock, nowMs: number | null): readonly Trial[] {
  let after = trials
  for (const change of block.changes) {
    if (change.kind !== 'expel') continue
    const { peer: accused } = change
    const known = trials.find((trial) => trial.accused === accused) ?? { accused, kind: null, provenMs: null }
    const removed = { ...known, removal: { height: block.height, knownMs: nowMs } }
    after = [...after.filter((trial) => trial !== known), removed]
  }
  return after
}
