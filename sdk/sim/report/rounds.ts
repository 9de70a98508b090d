/** How long the binary agreements of a run took. */
import { STEPS } from '../../src/core/meta-voting/section-vote.ts'
import type { Ordering, Round } from '../../src/core/section/ordering.ts'

/** Decided elections by the number of rounds that their longest agreement went through; 1: no coin was needed. */
export function roundsOf({ rounds }: Ordering): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const round of rounds.slice(0, -1)) {
    const took = longestOf(round)
    if (took > 0) counts[took] = (counts[took] ?? 0) + 1
  }
  return counts
}

function longestOf({ election }: Round): number {
  let stages = 0
  for (const { votes } of election.metaEvents.values()) {
    for (const vote of votes ?? []) stages = Math.max(stages, vote.stages.length)
  }
  return Math.ceil(stages / STEPS)
}
