/** What is submitted, where and when. Apart from faults, apart from checkers. */
import type { Random } from './random.ts'
import type { Submission, VoteCast } from './scenario.ts'

export type Load = 'none' | 'isolated' | 'sparse' | 'dense'
export const loads: readonly Load[] = ['none', 'isolated', 'sparse', 'dense']

export interface WorkloadOptions {
  readonly load: Load
  /** Slots that submit. */
  readonly slots: readonly number[]
  readonly fromMs: number
  readonly untilMs: number
  readonly deltaMs: number
  readonly random: Random
}

/** isolated: one at a time, 60 δ apart; sparse: one per slot in every 20 δ; dense: one per slot in every δ. */
export function createWorkload({ load, slots, fromMs, untilMs, deltaMs, random }: WorkloadOptions): Submission[] {
  if (slots.length === 0 || load === 'none') return []
  const submissions: Submission[] = []
  if (load === 'isolated') {
    for (let atMs = fromMs; atMs < untilMs; atMs += 60 * deltaMs) {
      submissions.push({ atMs: atMs + random.float() * deltaMs, slot: random.pick(slots), transactions: 1 })
    }
    return submissions
  }
  const periodMs = deltaMs * (load === 'sparse' ? 20 : 1)
  for (const slot of slots) {
    for (let atMs = fromMs; atMs < untilMs; atMs += periodMs) {
      submissions.push({ atMs: atMs + random.float() * periodMs, slot, transactions: 1 })
    }
  }
  return submissions.sort((a, b) => a.atMs - b.atMs || a.slot - b.slot)
}

const utf8 = new TextEncoder()

/** Unique over the run, and readable. */
export const transactionBytes = (slot: number, number: number) => utf8.encode(`tx ${slot}.${number}`)
export const transactionKey = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

export const voteBytes = (value: string) => utf8.encode(value)

export interface BallotsOptions {
  readonly slots: readonly number[]
  readonly untilMs: number
  readonly random: Random
}

/**
 * A few questions put to the peers: most of them vote for the same value, some for another, some twice, some not at
 * all, each when it likes.
 */
export function createVotes({ slots, untilMs, random }: BallotsOptions): VoteCast[] {
  const votes: VoteCast[] = []
  const questions = random.int(1, 3)
  for (let question = 0; question < questions; question++) {
    const turnout = random.pick([0.5, 0.8, 1])
    for (const slot of slots) {
      while (random.chance(turnout)) {
        votes.push({ atMs: random.float() * untilMs, slot, value: `${question} ${random.chance(0.9) ? 'yes' : 'no'}` })
        if (random.chance(0.8)) break
      }
    }
  }
  return votes.sort((a, b) => a.atMs - b.atMs || a.slot - b.slot)
}
