/** The table: everybody's scores, and the moves that are ours to make. */
import { SectionProvider, usePeers, useReplica, useSection, useStatus } from 'parsec-web/react'
import { Component, type ReactNode, useState } from 'react'
import { type Game, game, goal, type Move, type Refusal } from './game.ts'

const { searchParams } = new URL(location.href)
const join = {
  room: searchParams.get('room') ?? 'pig',
  signaling: [searchParams.get('signaling') ?? 'ws://localhost:4444'],
}

const refusals: Readonly<Record<Refusal, string>> = {
  noMove: 'That is no move.',
  alreadySeated: 'You have a seat.',
  notSeated: 'Sit down first.',
  alreadyPlaying: 'The game has begun.',
  notPlaying: 'The game has not begun.',
  tooFew: 'It takes two.',
  notYourTurn: 'It is not your turn.',
  tooEarly: 'Give them half a minute.',
}

const faces = ['', '⚀', '⚁', '⚂', '⚃', '⚄', '⚅']

export function App() {
  return (
    <Boundary>
      <SectionProvider join={join}>
        <Table />
      </SectionProvider>
    </Boundary>
  )
}

function Table() {
  const section = useSection()
  const status = useStatus()
  const replica = useReplica(game)
  const [note, setNote] = useState('')
  if (!section || !replica) return <p role="status">Looking for the table…</p>

  const move = async (value: Move) => {
    setNote('')
    try {
      const outcome = await replica.submit(value).outcome
      if (outcome.kind === 'rejected') setNote(refusals[outcome.reason])
    } catch (error) {
      setNote(error instanceof Error ? error.message : String(error))
    }
  }

  const { view } = replica
  return (
    <>
      <h1>Pig</h1>
      <p role="status">{status?.reason ?? `${status?.members.length} here; the goal is ${goal}`}</p>
      <Scores state={view} me={section.me} />
      <Die state={view} isFair={status?.coin === 'active'} />
      <Moves state={view} me={section.me} move={move} />
      <p role="alert">{note}</p>
    </>
  )
}

function Scores({ state, me }: { readonly state: Game; readonly me: string }) {
  const peers = usePeers()
  return (
    <ol aria-label="Players">
      {state.players.map(({ peer, score }, at) => (
        <li key={peer} className={state.phase === 'playing' && at === state.turn ? 'turn' : ''}>
          {peer.slice(0, 8)}
          {peer === me ? ' (you)' : peers.some((other) => other.peer === peer && other.online) ? '' : ' (away)'}:{' '}
          <output>{score}</output>
          {state.phase === 'over' && at === state.turn ? ' wins' : ''}
        </li>
      ))}
    </ol>
  )
}

function Die({ state, isFair }: { readonly state: Game; readonly isFair: boolean }) {
  const { last, isRolling, pot, rolls } = state
  const fairness = last ? last.isFair : isFair
  return (
    <p data-rolls={rolls} data-face={last?.face}>
      <span className="die">{isRolling ? '…' : last && faces[last.face]}</span> {pot} in the pot.{' '}
      {fairness ? 'Nobody can load this die.' : 'With fewer than four tabs the die can be loaded.'}
    </p>
  )
}

interface MovesProps {
  readonly state: Game
  readonly me: string
  readonly move: (value: Move) => void
}

function Moves({ state: { phase, players, turn, isRolling }, me, move }: MovesProps) {
  const isSeated = players.some(({ peer }) => peer === me)
  const isOurs = phase === 'playing' && players[turn]?.peer === me
  const button = (value: Move, text: string, isPossible: boolean) => (
    <button type="button" disabled={!isPossible} onClick={() => move(value)}>
      {text}
    </button>
  )
  return (
    <p>
      {button('sit', 'Sit down', phase !== 'playing' && !isSeated)}
      {button('start', 'Start', phase !== 'playing' && isSeated && players.length > 1)}
      {button('roll', 'Roll', isOurs && !isRolling)}
      {button('hold', 'Hold', isOurs && !isRolling)}
      {button('skip', 'Skip them', phase === 'playing' && isSeated && !isOurs)}
    </p>
  )
}

/** Joining can fail: the hooks throw what it failed with. */
class Boundary extends Component<{ readonly children: ReactNode }> {
  static getDerivedStateFromError = (error: unknown) => ({
    message: error instanceof Error ? error.message : String(error),
  })
  override state: { readonly message?: string } = {}
  override render() {
    return this.state.message === undefined ? this.props.children : <p role="alert">{this.state.message}</p>
  }
}
