/** What a machine makes of transactions and blocks: a total function, whatever the machine does. */
import type { FinalBlock, PeerId, RandomValue } from '../index.ts'
import { isAttestation } from './attestations.ts'
import { deterministically } from './deterministic.ts'
import { ReplicaError } from './errors.ts'
import type { Freezer } from './freeze.ts'
import { randomnessOf } from './randomness.ts'
import type { Applied, AppliedTransaction, Context, Fault, Machine, Origin, Transaction, Verdict } from './types.ts'

/** The final state, and what a pending transaction is told of the block that it is not in yet. */
export interface Final<State> extends Omit<Context, 'randomness'> {
  readonly state: State
  readonly blockHash: string
  /** Blocks with transactions up to here. */
  readonly counted: number
}

export interface Application<State, Reason> {
  /** Throws what the machine throws, and `ReplicaError` `badState`. */
  initial(origin: Origin): State
  /** Whether the block's random value is needed. */
  draws(block: FinalBlock): boolean
  drawsFor(value: unknown, creator: PeerId): boolean
  transaction(state: State, transaction: Transaction, context: Context): Step<State, Reason>
  block(final: Final<State>, block: FinalBlock, drawn: RandomValue | null): BlockStep<State, Reason>
}

export interface Step<State, Reason> {
  readonly state: State
  readonly verdict: Verdict<Reason>
}

export interface BlockStep<State, Reason> {
  readonly final: Final<State>
  readonly transactions: readonly AppliedTransaction<Reason>[]
  readonly fault: Fault | null
}

export function createApplication<State, Reason>(
  machine: Machine<State, Reason>,
  freezer: Freezer,
): Application<State, Reason> {
  function initial(origin: Origin): State {
    const given = machine.initial
    const state =
      typeof given === 'function' ? deterministically(0, () => (given as (origin: Origin) => State)(origin)) : given
    freezer.state(state)
    return state
  }

  function drawsFor(value: unknown, creator: PeerId): boolean {
    try {
      return machine.draws !== undefined && deterministically(0, () => machine.draws?.(value, creator) === true)
    } catch {
      return false
    }
  }

  function transaction(state: State, given: Transaction, context: Context): Step<State, Reason> {
    try {
      freezer.value(given.value)
      const applied = deterministically(context.timeMs, () => machine.apply(state, given, context))
      if (!isApplied(applied)) throw new ReplicaError('badResult', 'apply answers with accept(state) or reject(reason)')
      if (applied.kind === 'rejected') return { state, verdict: { kind: 'rejected', reason: applied.reason } }
      freezer.state(applied.state)
      return { state: applied.state, verdict: { kind: 'accepted' } }
    } catch (error) {
      return { state, verdict: { kind: 'threw', error } }
    }
  }

  function block(final: Final<State>, block: FinalBlock, drawn: RandomValue | null): BlockStep<State, Reason> {
    const { height, timeMs, voters, members } = block
    let { state } = final
    let fault: Fault | null = null
    const own = block.transactions.filter(({ value }) => !isAttestation(value))
    const transactions = own.map((given) => {
      const randomness = drawn !== null && drawsFor(given.value, given.creator) ? randomnessOf(drawn, given.id) : null
      const step = transaction(state, given, { height, timeMs, voters, members, randomness })
      state = step.state
      if (step.verdict.kind === 'threw') fault = { height, transaction: given.id, error: step.verdict.error }
      return { ...given, verdict: step.verdict }
    })
    try {
      const ended = deterministically(timeMs, () => machine.endBlock?.(state, block) ?? state)
      freezer.state(ended)
      state = ended
    } catch (error) {
      fault = { height, transaction: null, error }
    }
    const counted = final.counted + (own.length > 0 ? 1 : 0)
    return {
      final: { state, height, timeMs, voters, members, blockHash: block.hash, counted },
      transactions,
      fault,
    }
  }

  return {
    initial,
    drawsFor,
    draws: ({ transactions }) =>
      transactions.some(({ value, creator }) => !isAttestation(value) && drawsFor(value, creator)),
    transaction,
    block,
  }
}

function isApplied<State, Reason>(applied: Applied<State, Reason>): boolean {
  const given: { readonly kind?: unknown } | null = applied
  return typeof given === 'object' && given !== null && (given.kind === 'accepted' || given.kind === 'rejected')
}
