/**
 * Takes a failing scenario apart while it keeps failing the same checker: fewer peers, faults, submissions, powers,
 * weather. What is left is usually small enough to read.
 */
import type { Fault, Scenario } from './scenario.ts'

export interface ShrinkOptions {
  /** Name of the checker that fails, null when none does. */
  readonly failureOf: (scenario: Scenario) => Promise<string | null>
  readonly triesMax: number
  readonly onProgress: (scenario: Scenario, tries: number) => void
}

type Cut = (scenario: Scenario) => readonly Scenario[]

/** Leaves out ever smaller runs of a list (Zeller's ddmin without its complements). */
function withoutRuns<T>(items: readonly T[]): (readonly T[])[] {
  const shorter: (readonly T[])[] = []
  for (let length = items.length; length >= 1; length = length >> 1) {
    for (let from = 0; from < items.length; from += length) {
      shorter.push([...items.slice(0, from), ...items.slice(from + length)])
    }
  }
  return shorter
}

/** Without the last slot and all that refers to it. */
function onePeerLess(scenario: Scenario): Scenario {
  const peers = scenario.peers - 1
  const stays = ({ slot }: { readonly slot: number }) => slot < peers
  return {
    ...scenario,
    peers,
    maxVoters: scenario.genesis === 'fixed' ? peers : scenario.maxVoters,
    missingLinks: scenario.missingLinks.filter(([a, b]) => a < peers && b < peers),
    slow: scenario.slow.filter(stays),
    clockSkewMs: scenario.clockSkewMs.slice(0, peers),
    startMs: scenario.startMs.slice(0, peers),
    submissions: scenario.submissions.filter(stays),
    votes: scenario.votes.filter(stays),
    adversaries: scenario.adversaries.filter(stays),
    faults: scenario.faults.flatMap((fault): readonly Fault[] => {
      if (fault.kind === 'partition') return [{ ...fault, slots: fault.slots.filter((slot) => slot < peers) }]
      return fault.slot < peers ? [fault] : []
    }),
  }
}

const cuts: readonly Cut[] = [
  (scenario) => withoutRuns(scenario.faults).map((faults) => ({ ...scenario, faults })),
  (scenario) => withoutRuns(scenario.adversaries).map((adversaries) => ({ ...scenario, adversaries })),
  (scenario) =>
    scenario.adversaries.flatMap(({ slot, kinds }, index) =>
      kinds.length < 2
        ? []
        : kinds.map((kind) => ({
            ...scenario,
            adversaries: scenario.adversaries.with(index, { slot, kinds: [kind] }),
          })),
    ),
  (scenario) => withoutRuns(scenario.submissions).map((submissions) => ({ ...scenario, submissions })),
  (scenario) => withoutRuns(scenario.votes).map((votes) => ({ ...scenario, votes })),
  (scenario) => (scenario.peers > 1 ? [onePeerLess(scenario)] : []),
  (scenario) => [
    { ...scenario, schedulerDelta: 0 },
    { ...scenario, lossRate: 0 },
    { ...scenario, duplicateRate: 0 },
    { ...scenario, missingLinks: [] },
    { ...scenario, slow: [] },
    { ...scenario, clockSkewMs: [] },
    { ...scenario, persistMs: 0 },
    { ...scenario, forgetAfterMs: null },
    { ...scenario, delay: 'fixed' },
    { ...scenario, deltaMs: 100 },
    { ...scenario, startMs: scenario.startMs.map((ms) => (ms === null ? null : 0)) },
    { ...scenario, activeMs: Math.round(scenario.activeMs / 2) },
  ],
]

export async function shrink(
  scenario: Scenario,
  { failureOf, triesMax, onProgress }: ShrinkOptions,
): Promise<Scenario> {
  const failure = await failureOf(scenario)
  if (failure === null) return scenario
  let best = scenario
  let size = sizeOf(best)
  let tries = 0
  for (let improved = true; improved && tries < triesMax; ) {
    improved = false
    for (const cut of cuts) {
      let again = true
      while (again && tries < triesMax) {
        again = false
        for (const candidate of cut(best)) {
          if (sizeOf(candidate) >= size || ++tries > triesMax) continue
          if ((await failureOf(candidate)) !== failure) continue
          best = candidate
          size = sizeOf(best)
          improved = true
          again = true
          onProgress(best, tries)
          break
        }
      }
    }
  }
  return best
}

/** What a reader has to keep in mind. */
function sizeOf(scenario: Scenario): number {
  const weather = [
    scenario.schedulerDelta > 0,
    scenario.lossRate > 0,
    scenario.duplicateRate > 0,
    scenario.slow.length > 0,
    scenario.clockSkewMs.some((skew) => skew !== 0),
    scenario.persistMs > 0,
    scenario.forgetAfterMs !== null,
    scenario.delay !== 'fixed',
    scenario.deltaMs !== 100,
  ].filter(Boolean).length
  return (
    scenario.peers * 10 +
    scenario.submissions.length * 3 +
    scenario.votes.length * 3 +
    scenario.faults.length * 5 +
    scenario.adversaries.reduce((sum, { kinds }) => sum + 5 + kinds.length, 0) +
    scenario.missingLinks.length +
    scenario.startMs.filter((ms) => ms !== null && ms !== 0).length +
    weather * 2 +
    scenario.activeMs / 10_000
  )
}
