/** Hands the scenario's submissions and votes to the hosts and keeps account of what has to come of them. */
import type { GossipEvent, PeerId } from '../../src/core/gossip/event.ts'
import type { Engine } from '../engine.ts'
import type { Scenario, Submission } from '../scenario.ts'
import { transactionBytes, transactionKey, voteBytes } from '../workload.ts'
import type { Host } from './host-port.ts'

export interface Submissions {
  schedule(): void
  onStarted(host: Host): void
  onPersisted(host: Host, events: readonly GossipEvent[]): void
  /** What correct, present members submitted, but for what a crash took before it was stored. */
  owed(): readonly string[]
  /** Votes that correct, present members were asked for since they last started. */
  owedVotes(): readonly OwedVote[]
}

export interface OwedVote {
  readonly peer: PeerId
  readonly value: string
}

interface Submitted {
  readonly slot: number
  readonly identity: PeerId
  readonly start: number
  stored: boolean
}

export interface SubmissionsOptions {
  readonly scenario: Scenario
  readonly engine: Engine
  readonly hosts: readonly Host[]
  readonly isCorrect: (slot: number) => boolean
  readonly onSubmitted: (key: string) => void
}

export function createSubmissions({
  scenario,
  engine,
  hosts,
  isCorrect,
  onSubmitted,
}: SubmissionsOptions): Submissions {
  const submitted = new Map<string, Submitted>()
  const starts = new Map<number, number>()
  const asked: { readonly slot: number; readonly identity: PeerId; readonly start: number; readonly value: string }[] =
    []

  function isTakingPart(host: Host | undefined): host is Host {
    if (host === undefined || !host.isRunning() || host.hasLeft()) return false
    const { membership } = host.core().status()
    return membership === 'member' || membership === 'voter'
  }

  function vote(slot: number, value: string): void {
    const host = hosts[slot]
    if (!isTakingPart(host)) return
    if (isCorrect(slot)) asked.push({ slot, identity: host.identity(), start: starts.get(slot) ?? 0, value })
    host.feed({ kind: 'vote', value: voteBytes(value) })
  }

  function submit({ slot, transactions: count, draw }: Submission, first: number): void {
    const host = hosts[slot]
    if (!isTakingPart(host)) return
    const transactions = Array.from({ length: count }, (_, index) => transactionBytes(slot, first + index))
    if (isCorrect(slot)) {
      for (const bytes of transactions) {
        const start = starts.get(slot) ?? 0
        submitted.set(transactionKey(bytes), { slot, identity: host.identity(), start, stored: false })
        onSubmitted(transactionKey(bytes))
      }
    }
    host.feed({ kind: 'submit', transactions, draw: draw ?? false })
  }

  return {
    schedule() {
      const numbers = new Map<number, number>()
      for (const submission of scenario.submissions) {
        const { atMs, slot, transactions } = submission
        const first = numbers.get(slot) ?? 0
        numbers.set(slot, first + transactions)
        engine.at(atMs, () => submit(submission, first))
      }
      for (const { atMs, slot, value } of scenario.votes) engine.at(atMs, () => vote(slot, value))
    },
    onStarted: (host) => void starts.set(host.slot, (starts.get(host.slot) ?? 0) + 1),
    onPersisted(host, events) {
      for (const event of events) {
        if (event.creator !== host.identity()) continue
        for (const bytes of event.body.transactions) {
          const entry = submitted.get(transactionKey(bytes))
          if (entry !== undefined) entry.stored = true
        }
      }
    },
    owed() {
      const owed: string[] = []
      for (const [key, { slot, identity, start, stored }] of submitted) {
        const host = hosts[slot] as Host
        if (!isTakingPart(host) || host.identity() !== identity) continue
        if (stored || starts.get(slot) === start) owed.push(key)
      }
      return owed
    },
    owedVotes: () =>
      asked.flatMap(({ slot, identity, start, value }) => {
        const isHere = isTakingPart(hosts[slot]) && hosts[slot]?.identity() === identity
        return isHere && starts.get(slot) === start ? [{ peer: identity, value }] : []
      }),
  }
}
