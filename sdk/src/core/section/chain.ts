/**
 * What the elections decided: batches, the blocks made of them, and the agreed states in between. Imports the core only.
 *
 * Invariant: a state follows from the one before it, the batch and the coin's state after it. Of the states themselves
 * only the last few are kept, and one in `STATES_APART` from which the others are made again.
 */
import type { CoinState } from '../coin/epochs.ts'
import { createCoinLog } from '../coin/log.ts'
import type { PeerId } from '../gossip/event.ts'
import type { GossipGraph, Vertex } from '../gossip/graph.ts'
import { invariant } from '../invariant.ts'
import { createIntegers } from '../numbers.ts'
import type { Ballot, Ballots } from './ballots.ts'
import { type Batch, join } from './batch.ts'
import type { DecidedBlock } from './block.ts'
import { type AgreedState, applyObservations } from './state.ts'

const STATES_APART = 32
/** States made again that are kept: who asks once asks several times. */
const MADE_AGAIN_MAX = 8

/** A batch; its block, unless it is empty. */
export interface Decision extends Batch {
  readonly block: DecidedBlock | null
}

export interface Chain {
  /** The state that election k starts from: that after the k decisions before it. */
  stateOf(election: number): AgreedState
  /** The state that a block led to; undefined above the last one. 0: the genesis. */
  stateAfter(height: number): AgreedState | undefined
  /** Answers with the state that follows. The coin's may depend on the voters after the block. */
  append(decision: Decision, coinAfter: (voters: readonly PeerId[]) => CoinState): AgreedState
  /** From block 1 on. */
  readonly blocks: readonly DecidedBlock[]
}

export interface ChainOptions {
  readonly graph: GossipGraph
  readonly ballots: Ballots
  readonly genesis: AgreedState
  /** How many of the last states are kept. */
  readonly kept: number
}

export function createChain({ graph, ballots, genesis, kept }: ChainOptions): Chain {
  const decisions: Decision[] = []
  const blocks: DecidedBlock[] = []
  // The elections that decided them, by height from 1.
  const electionOf = createIntegers()
  const coins = createCoinLog(genesis.coin)
  // Their coin is in the log.
  const milestones: AgreedState[] = [genesis]
  const recent = new Map<number, AgreedState>([[0, genesis]])
  const madeAgain = new Map<number, AgreedState>()

  function follow(
    state: AgreedState,
    { events, observations, block }: Decision,
    coinAfter: (voters: readonly PeerId[]) => CoinState,
  ): AgreedState {
    const [now, before] = state.batchAncestry
    const ancestry = join(events.map((vertex) => vertex.highest))
    const following: AgreedState = {
      ...state,
      election: state.election + 1,
      batchAncestry: [join([now, ancestry]), now, before],
      batchesWithEvents: events.length > 0 ? state.batchesWithEvents + 1 : 0,
      afterEmptyBatch: block === null,
    }
    if (!block) return following
    const decided = observations.map((key) => ({
      key,
      observation: (ballots.ballot(key) as Ballot).observation,
    }))
    const after = applyObservations(following, decided, block.height)
    return {
      ...after,
      coin: coinAfter(after.voters),
      height: block.height,
      lastBlock: block.hash,
      lastTimeMs: block.timeMs,
      decidedUpTo: join([state.decidedUpTo, heightsOf(graph, events)]),
    }
  }

  function makeAgain(election: number): AgreedState {
    const known = madeAgain.get(election)
    if (known) return known
    let from = Math.floor(election / STATES_APART)
    let state = milestones[from] as AgreedState
    for (from *= STATES_APART; from < election; from++) {
      state = follow(state, decisions[from] as Decision, () => genesis.coin)
    }
    state = { ...state, coin: coins.at(election) }
    madeAgain.set(election, state)
    if (madeAgain.size > MADE_AGAIN_MAX) madeAgain.delete(madeAgain.keys().next().value as number)
    return state
  }

  function stateOf(election: number): AgreedState {
    invariant(election >= 0 && election <= decisions.length, `election ${election} has not begun`)
    return recent.get(election) ?? makeAgain(election)
  }

  return {
    stateOf,
    stateAfter(height) {
      if (height === 0) return genesis
      const election = electionOf.at(height - 1)
      return election === undefined ? undefined : stateOf(election + 1)
    },
    append(decision, coinAfter) {
      const election = decisions.length
      const state = follow(stateOf(election), decision, coinAfter)
      decisions.push(decision)
      if (decision.block) {
        blocks.push(decision.block)
        electionOf.push(election)
      }
      coins.note(election + 1, state.coin)
      recent.set(election + 1, state)
      recent.delete(election + 1 - kept)
      if ((election + 1) % STATES_APART === 0) milestones.push({ ...state, coin: genesis.coin })
      return state
    },
    blocks,
  }
}

/** Per branch, the highest of these events. */
function heightsOf(graph: GossipGraph, events: readonly Vertex[]): number[] {
  const heights: number[] = graph.branches.map(() => -1)
  for (const { branch, seq } of events) heights[branch] = Math.max(heights[branch] as number, seq)
  return heights
}
