/** npm run sim -- --stall ROUNDS --coin …: how long the scheduler keeps an election open, over how many seeds. */
import { faultsTolerated } from '../../src/core/thresholds.ts'
import { createRandom } from '../random.ts'
import { coinFor, type StallCoin } from './coins.ts'
import { type Stalled, stall } from './scheduler.ts'
import { createStallWorld } from './world.ts'

export interface StallPlan {
  readonly coin: StallCoin
  /** Voters, 4 to 64. */
  readonly peers: number
  /** Those of them that fork, at most f. */
  readonly traitors: number
  readonly rounds: number
  readonly seeds: number
}

export interface StallSummary extends StallPlan {
  /** Agreements that are kept split at a time. */
  readonly agreements: number
  readonly ended: number
  readonly events: number
  readonly forks: number
  /** Of the elections that ended. */
  readonly meanRounds: number
  /** The theory's mean with a fair coin, and what it allows at most: log2(n) + 2. */
  readonly expectedRounds: number
  readonly expectedAtMost: number
  /** Elections that ended after so many rounds, and how many a fair coin lets expect. */
  readonly distribution: readonly { readonly rounds: number; readonly seen: number; readonly expected: number }[]
}

export function stallOf({ coin: kind, peers, traitors, rounds }: Omit<StallPlan, 'seeds'>, seed: number): Stalled {
  const coin = coinFor(kind, seed)
  return stall(createStallWorld({ seed, size: peers, ...coin }), {
    roundsMax: rounds,
    traitors,
    // What a coin that differs from subject to subject ends is not the scheduler's.
    subjects: coin.isPredictable ? 1 : faultsTolerated(peers),
    needsShares: coin.coin === null,
    random: createRandom(seed).stream('stall'),
  })
}

export function summaryOf(plan: StallPlan, runs: readonly Stalled[]): StallSummary {
  const ended = runs.filter(({ isOpen }) => !isOpen)
  const agreements = faultsTolerated(plan.peers)
  const longest = Math.max(0, ...ended.map(({ rounds }) => rounds))
  const sum = (of: (run: Stalled) => number) => runs.reduce((total, run) => total + of(run), 0)
  return {
    ...plan,
    agreements,
    ended: ended.length,
    events: sum(({ events }) => events),
    forks: sum(({ forks }) => forks),
    meanRounds: ended.reduce((total, { rounds }) => total + rounds, 0) / ended.length,
    expectedRounds: expectedRounds(agreements),
    expectedAtMost: Math.log2(plan.peers) + 2,
    distribution: Array.from({ length: longest + 1 }, (_, rounds) => ({
      rounds,
      seen: ended.filter((run) => run.rounds === rounds).length,
      expected: runs.length * (endedBy(rounds, agreements) - endedBy(rounds - 1, agreements)),
    })),
  }
}

/** The probability that as many agreements, each lost with every other toss, are all over after so many tosses. */
function endedBy(rounds: number, agreements: number): number {
  return rounds < 0 ? 0 : (1 - 0.5 ** rounds) ** agreements
}

/** The mean of the longest of as many; the sum converges within a few dozen terms. */
function expectedRounds(agreements: number): number {
  return Array.from({ length: 200 }, (_, rounds) => 1 - endedBy(rounds, agreements)).reduce((sum, p) => sum + p, 0)
}

export function runStall({ json, ...plan }: StallPlan & { readonly json: boolean }): number {
  const runs: Stalled[] = []
  for (let seed = 1; seed <= plan.seeds; seed++) {
    const run = stallOf(plan, seed)
    runs.push(run)
    if (run.isOpen) console.log(`seed ${seed}: still open after ${run.rounds} rounds, ${run.events} events`)
  }
  const summary = summaryOf(plan, runs)
  print(summary)
  if (json) console.log(JSON.stringify(summary))
  return 0
}

function print(summary: StallSummary): void {
  const { coin, peers, traitors, seeds, ended, events, forks, agreements, meanRounds, distribution } = summary
  console.log(`coin ${coin}, ${peers} voters, ${traitors} of them traitors with ${forks} forks in all`)
  console.log(`${seeds} seeds, ${ended} elections ended, ${events} events`)
  if (ended === 0) return
  console.log(`rounds until the election ended: mean ${meanRounds.toFixed(2)}`)
  console.log(
    `theory: ${summary.expectedRounds.toFixed(2)} for ${agreements} agreements kept split by a scheduler alone, ` +
      `log2(n) + 2 = ${summary.expectedAtMost.toFixed(2)} at most`,
  )
  console.log('  rounds   seen   theory')
  for (const { rounds, seen, expected } of distribution) {
    console.log(`  ${String(rounds).padStart(6)} ${String(seen).padStart(6)} ${expected.toFixed(1).padStart(8)}`)
  }
}
