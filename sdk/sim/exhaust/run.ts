/** npm run sim -- --exhaust: explores the binary agreement, as it is and with a rule taken out, and says what was found. */
import { FALSE, TRUE } from '../../src/core/meta-voting/stage.ts'
import { type ExploredRounds, exploreRounds, type FoundFault } from './rounds.ts'
import { explorations } from './rules.ts'
import type { Entries } from './state.ts'

/** Some ten times what the section's rules need. */
const statesMax = 300_000

/** 0 when the rules hold, and fail where one is missing. */
export function runExhaust(): number {
  let isAsExpected = true
  for (const { rules, mustFail } of explorations) {
    for (const falseFirst of [false, true]) {
      const found = exploreRounds({ rules, falseFirst, statesMax })
      console.log(summary(found, falseFirst))
      isAsExpected &&= !found.isCut && found.faults.length > 0 === mustFail
      if (mustFail && !falseFirst) explainShortest(found.faults)
    }
  }
  console.log(isAsExpected ? 'as it should be' : 'NOT as it should be')
  return isAsExpected ? 0 : 1
}

function summary({ rules, stages, states, events, faults, isCut }: ExploredRounds, falseFirst: boolean): string {
  const order = falseFirst ? 'forced false first' : 'forced true first'
  const kinds = [...new Set(faults.map(({ kind }) => kind))].sort()
  const verdict = isCut ? 'CUT SHORT' : kinds.length === 0 ? 'no fault' : kinds.join(', ')
  const sizes = `${stages} ways into a stage, ${states} states, ${events} events`
  return `${rules}, ${order}, four voters, one of them a forker, any number of rounds: ${sizes}: ${verdict}`
}

function explainShortest(faults: readonly FoundFault[]): void {
  // What the coin's reader can steer is the worse of what can go wrong.
  const steerable = faults.filter(({ kind }) => kind === 'steerable')
  const [shortest] = (steerable.length > 0 ? steerable : faults).toSorted((a, b) => a.steps.length - b.steps.length)
  if (shortest === undefined) return
  const stage = ['forced true', 'forced false', 'genuine flip'][shortest.position]
  console.log(`  ${shortest.kind} in ${stage}; A, B, C enter with ${entryNames(shortest.entries)}`)
  for (const step of shortest.steps) console.log(`    ${step}`)
  if (shortest.kind === 'steerable')
    console.log('    the coin may be known, and true and false can both still come out')
}

function entryNames(entries: Entries): string {
  const name = (value: number) => (value === TRUE ? 'true' : value === FALSE ? 'false' : '–')
  return entries
    .map(({ estimate, decision }) => (decision === 0 ? name(estimate) : `${name(decision)} decided`))
    .join(', ')
}
