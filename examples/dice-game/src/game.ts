/** The rules of Pig, the same in every tab. Values come from other members, who may send anything. */
import type { PeerId } from 'parsec-web'
import { accept, type Context, integersFrom, type Machine, reject } from 'parsec-web/replica'

export const goal = 30
/** After so long by the blocks' time, others may skip whose turn it is. */
export const patienceMs = 30_000

export interface Player {
  readonly peer: PeerId
  readonly score: number
}

export interface Game {
  readonly phase: 'gathering' | 'playing' | 'over'
  readonly players: readonly Player[]
  /** Place among the players of whose turn it is; the winner's, once it is over. */
  readonly turn: number
  readonly turnSinceMs: number
  /** What was rolled in this turn, and is lost with a one. */
  readonly pot: number
  readonly last: { readonly peer: PeerId; readonly face: number; readonly isFair: boolean } | null
  /** How many rolls there were. */
  readonly rolls: number
  /** Only before it is final: nobody knows what it shows. */
  readonly isRolling: boolean
}

export type Move = 'sit' | 'start' | 'roll' | 'hold' | 'skip'
export type Refusal =
  | 'noMove'
  | 'alreadySeated'
  | 'notSeated'
  | 'alreadyPlaying'
  | 'notPlaying'
  | 'tooFew'
  | 'notYourTurn'
  | 'tooEarly'

export const game: Machine<Game, Refusal> = {
  version: 1,
  initial: {
    phase: 'gathering',
    players: [],
    turn: 0,
    turnSinceMs: 0,
    pot: 0,
    last: null,
    rolls: 0,
    isRolling: false,
  },
  draws: (value) => value === 'roll',
  apply(state, { creator, value }, context) {
    const { phase, players, turn } = state
    const isSeated = players.some(({ peer }) => peer === creator)
    if (value === 'sit') {
      if (phase === 'playing') return reject('alreadyPlaying')
      return isSeated
        ? reject('alreadySeated')
        : accept({ ...state, players: [...players, { peer: creator, score: 0 }] })
    }
    if (!isMove(value)) return reject('noMove')
    if (!isSeated) return reject('notSeated')
    if (value === 'start') {
      if (phase === 'playing') return reject('alreadyPlaying')
      if (players.length < 2) return reject('tooFew')
      const seated = players.map(({ peer }) => ({ peer, score: 0 }))
      return accept(turnOf({ ...state, phase: 'playing', players: seated, last: null }, 0, context))
    }
    if (phase !== 'playing') return reject('notPlaying')
    if (value === 'skip') {
      const isEarly = context.timeMs - state.turnSinceMs < patienceMs
      return isEarly ? reject('tooEarly') : accept(turnOf(state, turn + 1, context))
    }
    if (players[turn]?.peer !== creator) return reject('notYourTurn')
    return accept(value === 'hold' ? held(state, context) : rolled(state, creator, context))
  },
  endBlock(state, { members, timeMs }) {
    const staying = state.players.filter(({ peer }) => members.includes(peer))
    if (staying.length === state.players.length) return state
    const left = { ...state, players: staying }
    if (state.phase !== 'playing') return { ...left, turn: 0 }
    if (staying.length < 2) return { ...left, phase: 'gathering', turn: 0 }
    const current = staying.findIndex(({ peer }) => peer === state.players[state.turn]?.peer)
    return current >= 0 ? { ...left, turn: current } : turnOf(left, state.turn, { timeMs })
  },
}

type Clock = Pick<Context, 'timeMs'>

function turnOf(state: Game, turn: number, { timeMs }: Clock): Game {
  return { ...state, turn: turn % state.players.length, turnSinceMs: timeMs, pot: 0, isRolling: false }
}

function held(state: Game, context: Clock): Game {
  const players = state.players.map((player, at) =>
    at === state.turn ? { ...player, score: player.score + state.pot } : player,
  )
  const isWon = players.some(({ score }) => score >= goal)
  if (isWon) return { ...state, players, phase: 'over', pot: 0 }
  return turnOf({ ...state, players }, state.turn + 1, context)
}

function rolled(state: Game, peer: PeerId, context: Context): Game {
  if (context.randomness === null) return { ...state, isRolling: true }
  const face = 1 + integersFrom(context.randomness)(6)
  const next = { ...state, rolls: state.rolls + 1, last: { peer, face, isFair: context.randomness.isFair } }
  return face === 1 ? turnOf(next, state.turn + 1, context) : { ...next, pot: state.pot + face }
}

function isMove(value: unknown): value is Move {
  return ['sit', 'start', 'roll', 'hold', 'skip'].some((move) => move === value)
}
