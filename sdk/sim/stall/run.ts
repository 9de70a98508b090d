/** npm run sim -- --stall ROUNDS --coin …: how long the scheduler keeps an election open, over how many seeds. */
import { hashCoin, parityCoin } from '../../src/core/meta-voting/coin.ts'
import { createFastHashing } from '../hashing.ts'
import { idealCoin, type StallCoin } from './coins.ts'
import { type Stalled, stall } from './scheduler.ts'
import { createStallWorld, type StallWorldOptions } from './world.ts'

export interface StallCommand {
  readonly coin: StallCoin
  readonly rounds: number
  readonly seeds: number
}

export function stallOf(coin: StallCoin, seed: number, rounds: number): Stalled {
  const coins: Readonly<Record<StallCoin, Omit<StallWorldOptions, 'seed'>>> = {
    parity: { coin: parityCoin, isPredictable: true },
    hash: { coin: hashCoin(createFastHashing()), isPredictable: true },
    ideal: { coin: idealCoin(seed), isPredictable: false },
    threshold: { coin: null, isPredictable: false },
  }
  return stall(createStallWorld({ seed, ...coins[coin] }), rounds)
}

export function runStall({ coin, rounds, seeds }: StallCommand): number {
  const counts = new Map<number, number>()
  let events = 0
  for (let seed = 1; seed <= seeds; seed++) {
    const stalled = stallOf(coin, seed, rounds)
    events += stalled.events
    counts.set(stalled.rounds, (counts.get(stalled.rounds) ?? 0) + 1)
    if (stalled.isOpen) console.log(`seed ${seed}: still open after ${stalled.rounds} rounds, ${stalled.events} events`)
  }
  const mean = [...counts].reduce((sum, [round, count]) => sum + round * count, 0) / seeds
  console.log(`coin ${coin}, four correct voters, no traitor, ${seeds} seeds, ${events} events`)
  console.log(`rounds until the election ended: mean ${mean.toFixed(2)}`)
  for (const [round, count] of [...counts].sort(([a], [b]) => a - b)) console.log(`  ${round}: ${count}`)
  return 0
}
