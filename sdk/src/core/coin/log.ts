/** The coin's states, one election after another, each change kept once. Imports the core only. */
import { invariant } from '../invariant.ts'
import type { CoinState, DrawSource } from './epochs.ts'

export interface CoinLog {
  /** The state from this election on. In order. */
  note(election: number, state: CoinState): void
  at(election: number): CoinState
}

/** Draws, of which there may be one for every block, are kept apart from the keys, which change with the voters. */
export function createCoinLog(genesis: CoinState): CoinLog {
  let last = genesis
  const keys: { readonly from: number; readonly state: CoinState }[] = [{ from: 0, state: genesis }]
  const draws: { readonly from: number; readonly height: number; readonly source: DrawSource }[] = []
  return {
    note(election, state) {
      if (state === last) return
      for (const [height, source] of state.draws === last.draws ? [] : state.draws) {
        if (last.draws.get(height) !== source) draws.push({ from: election, height, source })
      }
      last = state
      const before = (keys.at(-1) as (typeof keys)[number]).state
      const kept = { ...state, draws: before.draws }
      if (isSame(kept, before)) return
      keys.push({ from: election, state: kept })
    },
    at(election) {
      const found = keys.findLast(({ from }) => from <= election)
      invariant(found, 'the genesis has a state of the coin')
      const drawn = new Map(found.state.draws)
      for (const { from, height, source } of draws) {
        if (from > election) break
        drawn.set(height, source)
      }
      return { ...found.state, draws: drawn }
    },
  }
}

function isSame(one: CoinState, other: CoinState): boolean {
  return (Object.keys(one) as (keyof CoinState)[]).every((name) => one[name] === other[name])
}
