import { type Context, integersFrom } from 'parsec-web/replica'
import { expect, test } from 'vitest'
import { type Game, game, goal, patienceMs, type Refusal } from './game.ts'

const context: Context = { height: 1, timeMs: 0, voters: [], members: [], randomness: null }

/** A random value with which the die shows this face. */
function showing(face: number): NonNullable<Context['randomness']> {
  for (let number = 0; ; number++) {
    const value = number.toString(16).padStart(64, '0')
    if (1 + integersFrom({ value })(6) === face) return { value, isFair: true }
  }
}

/** `who move`; a number is a roll that shows it. */
function play(
  script: string,
  from: Game = game.initial as Game,
  timeMs = 0,
): { state: Game; said: Refusal | 'accepted' } {
  let state = from
  let said: Refusal | 'accepted' = 'accepted'
  for (const line of script.split(', ')) {
    const [creator, move] = line.split(' ') as [string, string]
    const face = Number(move)
    const randomness = face > 0 ? showing(face) : null
    const value = face > 0 ? 'roll' : move
    const applied = game.apply(state, { id: line, creator, value }, { ...context, timeMs, randomness })
    said = applied.kind === 'rejected' ? applied.reason : applied.kind
    if (applied.kind === 'accepted') state = applied.state
  }
  return { state, said }
}

const started = 'ann sit, ben sit, ann start'

test('what is rolled is collected in the pot, and is banked by holding, which ends the turn', () => {
  const { state } = play(`${started}, ann 3, ann 4, ann hold`)
  expect(state).toMatchObject({ players: [{ score: 7 }, { score: 0 }], turn: 1, pot: 0, rolls: 2 })
})

test('a one costs the pot and the turn', () => {
  const { state } = play(`${started}, ann 6, ann 1`)
  expect(state).toMatchObject({ players: [{ score: 0 }, { score: 0 }], turn: 1, pot: 0, last: { face: 1 } })
})

test('a roll that is not final shows no face', () => {
  expect(play(`${started}, ann roll`).state).toMatchObject({ isRolling: true, rolls: 0, last: null })
})

test('only rolls draw', () => {
  expect(['roll', 'hold', { roll: true }].map((value) => game.draws?.(value, 'ann'))).toEqual([true, false, false])
})

test('whoever first has enough wins, and may start again', () => {
  const { state } = play(`${started}, ${'ann 6, '.repeat(goal / 6)}ann hold`)
  expect(state).toMatchObject({ phase: 'over', turn: 0, players: [{ score: goal }, { score: 0 }] })
  expect(play('ben start', state).state).toMatchObject({ phase: 'playing', players: [{ score: 0 }, { score: 0 }] })
})

test.each([
  ['ann sit, ann sit', 'alreadySeated'],
  ['ann start', 'notSeated'],
  ['ann sit, ann start', 'tooFew'],
  ['ann sit, ann roll', 'notPlaying'],
  [`${started}, cas sit`, 'alreadyPlaying'],
  [`${started}, ben start`, 'alreadyPlaying'],
  [`${started}, ben 5`, 'notYourTurn'],
  [`${started}, ben hold`, 'notYourTurn'],
  [`${started}, cas skip`, 'notSeated'],
  [`${started}, ben skip`, 'tooEarly'],
  ['ann cheat', 'noMove'],
])('%s: %s', (script, refusal) => {
  expect(play(script).said).toBe(refusal)
})

test('who does not move may be skipped after a while, by the time of the blocks', () => {
  const { state } = play(started)
  expect(play('ben skip', state, patienceMs).state).toMatchObject({ turn: 1, turnSinceMs: patienceMs })
})

test('players that are no longer members leave the table, and the turn goes on', () => {
  const { state } = play('ann sit, ben sit, cas sit, ann start, ann 2, ann hold')
  const end = (members: readonly string[], from = state) =>
    game.endBlock?.(from, { members, timeMs: 5 } as unknown as Parameters<NonNullable<typeof game.endBlock>>[1])
  expect(end(['ann', 'ben', 'cas'])).toBe(state)
  expect(end(['ann', 'cas'])).toMatchObject({
    turn: 1,
    turnSinceMs: 5,
    players: [{ peer: 'ann', score: 2 }, { peer: 'cas' }],
  })
  expect(end(['ben', 'cas'])).toMatchObject({ turn: 0, players: [{ peer: 'ben' }, { peer: 'cas' }] })
  expect(end(['ben'])).toMatchObject({ phase: 'gathering', players: [{ peer: 'ben' }] })
})
