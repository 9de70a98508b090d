/** What the page says in words: status, refusals, changes of members and voters. */
import type { FinalBlock, PeerId, SectionStatus } from 'parsec-web'
import type { Refusal } from '../ledger.ts'

export interface StatusWords {
  readonly tone: 'good' | 'wait' | 'bad'
  readonly headline: string
  readonly detail: string
}

export function statusWords(status: SectionStatus, alarm: string | null): StatusWords {
  if (alarm !== null) return { tone: 'bad', headline: 'Stopped', detail: alarm }
  const voters = `${status.reachable} of ${count(status.voters, 'voter')} reachable, ${status.needed} needed`
  switch (status.state) {
    case 'joining':
      return { tone: 'wait', headline: 'Joining', detail: status.reason ?? 'The voters decide about this tab' }
    case 'ready':
      return { tone: 'good', headline: 'Payments become final', detail: voters }
    case 'stalled':
      return { tone: 'wait', headline: 'Nothing becomes final now', detail: status.reason ?? voters }
    case 'left':
      return { tone: 'bad', headline: 'This tab has left', detail: 'Its account stays in the ledger' }
    case 'stopped':
      return { tone: 'bad', headline: 'Stopped', detail: status.reason ?? 'This section goes no further here' }
  }
}

export function roleWords(status: SectionStatus): string {
  switch (status.role) {
    case 'voter':
      return 'You vote'
    case 'member':
      return 'You are a member'
    case 'outside':
      return 'Not a member yet'
    case 'removed':
      return 'You were removed'
  }
}

export function refusalWords(refusal: Refusal): string {
  switch (refusal) {
    case 'overdraft':
      return 'overdraft'
    case 'malformed':
      return 'malformed'
    case 'noAccount':
      return 'payer has no account'
    case 'unknownPayee':
      return 'payee has no account'
    case 'notAtTheStart':
      return 'accounts are carried over once, at the start'
    case 'toSelf':
      return 'paid to itself'
  }
}

export function changeWords(change: FinalBlock['changes'][number], name: (peer: PeerId) => string): string {
  switch (change.kind) {
    case 'add':
      return `${name(change.peer)} joins`
    case 'remove':
      return `${name(change.peer)} is removed`
    case 'expel':
      return `${name(change.peer)} is expelled for proven misbehaviour`
    case 'voters': {
      const parts = [
        ...(change.promote.length > 0 ? [`${change.promote.map(name).join(', ')} may vote`] : []),
        ...(change.demote.length > 0 ? [`${change.demote.map(name).join(', ')} no longer votes`] : []),
      ]
      return parts.join('; ')
    }
  }
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** Milliseconds under a second, then seconds. */
export function duration(milliseconds: number): string {
  return milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1_000).toFixed(1)} s`
}
