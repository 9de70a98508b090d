/** What an event is, in one word for its colour and in sentences for whoever asks. */
import type { InspectedElection, InspectedEvent, InspectedRole } from '../index.ts'

/** The most telling one where an event is several things; from the most to the least. */
export const eventKinds = ['fork', 'decides', 'observer', 'voting', 'interesting', 'carrier', 'plain'] as const
export type EventKind = (typeof eventKinds)[number]

export const kindWords: Readonly<Record<EventKind, string>> = {
  fork: 'fork: one of two events after one parent',
  decides: 'decides an election',
  observer: 'observer: its agreements begin',
  voting: 'votes on in open agreements',
  interesting: 'interesting: first with undecided content',
  carrier: 'carries transactions',
  plain: 'spreads news',
}

/** An event and all that is known about it by now. */
export interface KnownEvent {
  readonly event: InspectedEvent
  readonly roles: readonly InspectedRole[]
  /** The block that orders its transactions. */
  readonly finalIn: number | null
  /** Its creator created another event after the same parent. */
  readonly isFork: boolean
}

export function kindOf({ event, roles, isFork }: KnownEvent): EventKind {
  if (isFork) return 'fork'
  if (roles.some(({ decides }) => decides)) return 'decides'
  if (roles.some(({ observees }) => observees !== null)) return 'observer'
  if (roles.some(({ agreements }) => agreements !== null)) return 'voting'
  if (roles.some(({ interesting }) => interesting)) return 'interesting'
  return event.transactions > 0 ? 'carrier' : 'plain'
}

export interface Words {
  readonly nameOf: (peer: string) => string
  readonly electionOf: (number: number) => InspectedElection | undefined
}

/** Short sentences, the event's name first. */
export function explain(known: KnownEvent, { nameOf, electionOf }: Words): readonly string[] {
  const { event, roles, finalIn, isFork } = known
  const name = nameOf(event.creator)
  const lines = [`${name} #${event.seq}${event.branch > 0 ? `, branch ${event.branch + 1}` : ''}`]
  if (isFork) lines.push(`fork: ${name} created another event after the same parent`)
  lines.push(`created ${clock(event.createdAtMs)} by its creator's clock`)
  if (event.transactions > 0) {
    lines.push(`${count(event.transactions, 'transaction')}, ${finalIn === null ? 'not final' : `in block ${finalIn}`}`)
  }
  if (event.votes.length > 0) lines.push(`votes: ${event.votes.join(', ')}`)
  if (event.coin) lines.push('carries parts of the coin')
  if (event.attestedHeight > 0) lines.push(`signs the blocks up to ${event.attestedHeight}`)
  for (const role of roles) lines.push(...explainRole(role, name, electionOf(role.election)))
  return lines
}

function explainRole(role: InspectedRole, name: string, election: InspectedElection | undefined): string[] {
  const said: string[] = []
  const voters = election?.voters.length ?? 0
  if (role.interesting) said.push(`interesting: ${name}'s first event with undecided content`)
  if (role.observees !== null) {
    said.push(`observer: strongly sees the interesting events of ${role.observees} of ${count(voters, 'voter')}`)
  }
  if (role.agreements !== null) {
    const { yes, no, open } = role.agreements
    const stage = role.stage ? `, furthest at round ${role.stage.round + 1}, ${stepWords[role.stage.step]}` : ''
    said.push(`agreements: ${yes} in, ${no} out, ${open} open${stage}`)
  }
  if (role.decides) {
    said.push(election?.outcome === 'block' ? `decides block ${election.height}` : 'decides, and leaves no block')
  }
  return said.map((words) => `election ${role.election}: ${words}`)
}

const stepWords: Readonly<Record<NonNullable<InspectedRole['stage']>['step'], string>> = {
  forcedTrue: 'forced true',
  forcedFalse: 'forced false',
  genuineFlip: 'genuine flip',
}

export const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`

/** Time of day in UTC, to the millisecond. */
export const clock = (ms: number) =>
  Number.isFinite(ms) && ms < 8.64e15 ? new Date(ms).toISOString().slice(11, 23) : '?'
