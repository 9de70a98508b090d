/** Hands the scenario's submissions to the hosts and keeps account of which of them have to become final. */
import type { GossipEvent, PeerId } from '../../src/core/gossip/event.ts'
import type { Engine } from '../engine.ts'
import type { Scenario, Submission } from '../scenario.ts'
import { transactionBytes, transactionKey } from '../workload.ts'
import type { Host } from './host.ts'

export interface Submissions {
  schedule(): void
  onStarted(host: Host): void
  onPersisted(host: Host, events: readonly GossipEvent[]): void
  /** What correct, present members submitted, but for what a crash took before it was stored. */
  owed(): readonly string[]
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

  function submit({ slot, transactions: count, draw }: Submission, first: number): void {
    const host = hosts[slot]
    if (host === undefined || !host.isRunning() || host.hasLeft()) return
    const { membership } = host.core().status()
    if (membership !== 'member' && membership !== 'voter') return
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
        if (!host.isRunning() || host.identity() !== identity || host.hasLeft()) continue
        const { membership } = host.core().status()
        if (membership !== 'member' && membership !== 'voter') continue
        if (stored || starts.get(slot) === start) owed.push(key)
      }
      return owed
    },
  }
}
