/** Passes what hosts tell on to the ledger, the metrics and the checkers; of adversaries, only what the metrics count. */
import type { Block } from '../../src/core/section/block.ts'
import type { Checker, World } from '../checkers/checker.ts'
import type { Metrics } from '../report/metrics.ts'
import type { Contract } from './contract.ts'
import type { Host, HostReports } from './host-port.ts'
import type { Submissions } from './submissions.ts'

export interface ReportsOptions {
  readonly world: World
  /** The world's ledger, to be added to. */
  readonly ledger: Block[]
  readonly checkers: readonly Checker[]
  readonly metrics: Metrics
  readonly submissions: Submissions
  readonly contract: Contract
}

export interface Reports extends HostReports {
  /** Runs, and has never stopped. */
  isSteady(slot: number): boolean
  /** Virtual time of the last event that a correct host signed. */
  lastSignedMs(): number
  /** Whether this host saw that peer expelled, and so would not admit it again. */
  hasSeenExpelled(host: Host, peer: string): boolean
}

export function createReports({ world, ledger, checkers, metrics, submissions, contract }: ReportsOptions): Reports {
  const stopped = new Set<number>()
  const expelled = new Set<string>()
  let lastSignedMs = 0
  const isCorrect = (host: Host) => world.isCorrect(host.slot)

  function onBlock(host: Host, block: Block): void {
    if (ledger.length === block.height - 1) {
      ledger.push(block)
      for (const checker of checkers) checker.onFirstBlock?.(block)
    }
    for (const checker of checkers) checker.onBlock?.(host, block)
    metrics.onBlock(host, block)
    for (const observation of block.observations)
      if (observation.kind === 'expel') expelled.add(`${host.slot} ${observation.peer}`)
  }

  return {
    isSteady: (slot) => !stopped.has(slot) && world.hosts[slot]?.isRunning() === true,
    lastSignedMs: () => lastSignedMs,
    hasSeenExpelled: (host, peer) => expelled.has(`${host.slot} ${peer}`),
    onSigned(host, event) {
      metrics.onSigned(event)
      if (!isCorrect(host)) return
      lastSignedMs = world.nowMs()
      for (const checker of checkers) checker.onSigned?.(host, event)
    },
    onPersisted(host, events) {
      if (!isCorrect(host)) return
      submissions.onPersisted(host, events)
      for (const checker of checkers) checker.onPersisted?.(host, events)
    },
    onSend(host, to, message) {
      metrics.onSend(message)
      if (isCorrect(host)) for (const checker of checkers) checker.onSend?.(host, to, message)
    },
    onOutput(host, input, output) {
      if (!isCorrect(host)) return
      metrics.onInput(input)
      for (const { reason } of output.rejections) metrics.onRejection(reason)
      for (const { kind } of output.evidence) metrics.onEvidence(kind)
      for (const block of output.blocks) onBlock(host, block)
      for (const checker of checkers) checker.onOutput?.(host, input, output)
      if (output.blocks.some((block) => block.observations.length > 0)) contract.review(host)
    },
    onStarted(host) {
      submissions.onStarted(host)
      if (isCorrect(host)) for (const checker of checkers) checker.onStarted?.(host)
    },
    onStopped(host) {
      stopped.add(host.slot)
      if (isCorrect(host)) for (const checker of checkers) checker.onStopped?.(host)
    },
    onException(host, input, error) {
      // A core that an adversary fed its own forks may refuse to go on; that is the adversary's affair.
      if (isCorrect(host)) for (const checker of checkers) checker.onException?.(host, input, error)
      else host.stop()
    },
    onRefused: metrics.onRefused,
  }
}
