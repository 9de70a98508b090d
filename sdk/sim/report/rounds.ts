/** How long the binary agreements of a run took. */
import { STEPS } from '../../src/core/meta-voting/section-vote.ts'
import type { Ordering } from '../../src/core/section/ordering.ts'
import type { Round } from '../../src/core/section/rounds.ts'

/** Decided elections by the number of rounds that their longest agreement went through; 1: no coin was needed. */
export function roundsOf(ordering: Ordering): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (let election = 0; election < ordering.elections - 1; election++) {
    const took = longestOf(ordering.round(election))
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
