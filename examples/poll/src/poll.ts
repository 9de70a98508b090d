/** The poll's rules, the same in every tab. Values come from other members, who may send anything. */
import type { PeerId } from 'parsec-web'
import { accept, type Machine, reject } from 'parsec-web/replica'

export const answersMost = 8
export const textMost = 200

export interface Poll {
  /** Null until somebody asks. */
  readonly asked: { readonly by: PeerId; readonly question: string; readonly answers: readonly string[] } | null
  /** The number of the answer that each voice went to. */
  readonly votes: ReadonlyMap<PeerId, number>
  readonly isOpen: boolean
}

export type Action =
  | { readonly kind: 'ask'; readonly question: string; readonly answers: readonly string[] }
  | { readonly kind: 'vote'; readonly answer: number }
  | { readonly kind: 'close' }

export type Refusal =
  | 'malformed'
  | 'alreadyAsked'
  | 'nothingAsked'
  | 'noSuchAnswer'
  | 'alreadyVoted'
  | 'closed'
  | 'notTheAsker'

export const poll: Machine<Poll, Refusal> = {
  version: 1,
  initial: { asked: null, votes: new Map(), isOpen: false },
  apply(state, { creator, value }) {
    const action = parseAction(value)
    if (action === null) return reject('malformed')
    if (action.kind === 'ask') {
      if (state.asked) return reject('alreadyAsked')
      const { question, answers } = action
      return accept({ ...state, asked: { by: creator, question, answers }, isOpen: true })
    }
    if (!state.asked) return reject('nothingAsked')
    if (!state.isOpen) return reject('closed')
    if (action.kind === 'close')
      return state.asked.by === creator ? accept({ ...state, isOpen: false }) : reject('notTheAsker')
    if (action.answer >= state.asked.answers.length) return reject('noSuchAnswer')
    if (state.votes.has(creator)) return reject('alreadyVoted')
    return accept({ ...state, votes: new Map(state.votes).set(creator, action.answer) })
  },
}

export function countOf({ votes }: Poll, answer: number): number {
  return [...votes.values()].filter((each) => each === answer).length
}

function parseAction(value: unknown): Action | null {
  if (typeof value !== 'object' || value === null) return null
  const { kind, question, answers, answer } = value as Record<string, unknown>
  if (kind === 'close') return { kind }
  if (kind === 'vote')
    return Number.isSafeInteger(answer) && Number(answer) >= 0 ? { kind, answer: Number(answer) } : null
  if (kind !== 'ask' || !isText(question) || !Array.isArray(answers)) return null
  if (answers.length < 2 || answers.length > answersMost || !answers.every(isText)) return null
  return { kind, question, answers }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= textMost
}
