/** When to try a lost peer again, and whom to stay away from for a while. */
import type { PeerId } from '../../core/gossip/event.ts'
import { backoffMs, type Random } from '../backoff.ts'
import type { Refusal } from '../port.ts'
import type { LinkEnd } from './link-contract.ts'
import type { PostOffice } from './post-office.ts'
import { type Attempt, isGivenUp, pendingAttempts, type Remote, remember } from './remotes.ts'

export interface RetryState {
  readonly self: PeerId
  readonly session: string
  readonly random: Random
  readonly postOffice: Pick<PostOffice, 'post'>
  readonly closed: boolean
}

const FIRST_RETRY_MS = 500
const MOST_RETRY_MS = 30_000
const FIRST_BAR_MS = 30_000
const MOST_BAR_MS = 600_000
/** After this many failures, some four minutes, tries get rare. */
const RARE_AFTER = 12
const RARE_RETRY_MS = 300_000

export const announceTo = (state: RetryState, remote: Remote): void =>
  state.postOffice.post({
    type: 'parsec-announce',
    from: state.self,
    session: state.session,
    to: remote.peer,
    ...(remote.lost === null ? {} : { lost: remote.lost }),
  })

export const planReturn = (state: RetryState, remote: Remote, attempt: Attempt, end: LinkEnd): void => {
  if (end.reason === 'left') {
    remember(remote.superseded, attempt.session)
    return
  }
  // Another tab runs under our key: two of us would push each other out for ever.
  if (end.reason === 'replaced') bar(state, remote, Number.POSITIVE_INFINITY)
  else if (end.reason === 'dropped' || (end.refusal && !isPassing(end.refusal))) bar(state, remote, barMs(remote))
  else {
    const waitMs = retryMs(state, remote)
    remote.notBeforeMs = performance.now() + waitMs
    scheduleRetry(state, remote, waitMs)
  }
}

/** What may well go better the next time. */
const isPassing = ({ code }: Refusal): boolean => code === 'timeout' || code === 'overload'

export const barMs = (remote: Remote): number => Math.min(MOST_BAR_MS, FIRST_BAR_MS * 2 ** remote.bars)

export const bar = (state: RetryState, remote: Remote, durationMs: number): void => {
  clearTimeout(remote.retry)
  remote.retry = undefined
  remote.bars += 1
  remote.barredUntilMs = performance.now() + durationMs
  if (durationMs < Number.POSITIVE_INFINITY) scheduleRetry(state, remote, durationMs + retryMs(state, remote))
}

const retryMs = ({ random }: RetryState, { failures }: Remote): number =>
  backoffMs(Math.max(0, failures - 1), FIRST_RETRY_MS, failures > RARE_AFTER ? RARE_RETRY_MS : MOST_RETRY_MS, random)

/** Asks whether the peer is still there; its answer makes the connection, whoever's part that is. */
export const scheduleRetry = (state: RetryState, remote: Remote, waitMs: number): void => {
  if (remote.retry !== undefined || state.closed) return
  remote.retry = setTimeout(() => {
    remote.retry = undefined
    if (remote.up || isGivenUp(remote)) return
    if (pendingAttempts(remote).length === 0) {
      announceTo(state, remote)
      remote.failures += 1
    }
    scheduleRetry(state, remote, retryMs(state, remote))
  }, waitMs)
}
