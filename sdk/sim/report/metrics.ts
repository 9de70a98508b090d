/** Counts and times of one run; judges nothing. */
import type { GossipEvent, PeerId } from '../../src/core/gossip/event.ts'
import type { GossipMessage, Input } from '../../src/core/io.ts'
import type { Block } from '../../src/core/section/block.ts'
import type { Host } from '../process/host-port.ts'
import { transactionKey } from '../workload.ts'

export interface RunMetrics {
  /** Per transaction, from submission until final at the last correct voter, in δ. */
  readonly finalityDelta: readonly number[]
  /** The same until final at more than 2/3 of the voters. */
  readonly finalitySupermajorityDelta: readonly number[]
  readonly transactions: number
  readonly events: number
  readonly blocks: number
  /** Events per block and voter. */
  readonly eventsPerBlockPerVoter: number
  /** Copies of events handed to links. */
  readonly copies: number
  readonly messages: number
  /** Inputs by kind, at correct hosts. */
  readonly inputs: Readonly<Record<string, number>>
  readonly rejections: Readonly<Record<string, number>>
  readonly evidence: Readonly<Record<string, number>>
  readonly refused: number
  /** Decided elections by the rounds they took, as one correct host at the end saw them. */
  readonly rounds: Readonly<Record<string, number>>
  readonly virtualMs: number
}

interface Journey {
  readonly submittedMs: number
  block: Block | null
  readonly finalMs: Map<PeerId, number>
}

export interface MetricsOptions {
  readonly deltaMs: number
  readonly nowMs: () => number
  readonly supermajority: (voters: number) => number
  /** Correct, and it never stopped: its times count. */
  readonly isSteady: (peer: PeerId) => boolean
}

export interface Metrics {
  onSubmitted(key: string): void
  onSigned(event: GossipEvent): void
  onSend(message: GossipMessage): void
  onInput(input: Input): void
  onBlock(host: Host, block: Block): void
  onRejection(reason: string): void
  onEvidence(kind: string): void
  onRefused(): void
  result(ledger: readonly Block[], rounds: RunMetrics['rounds']): RunMetrics
}

const increment = (counts: Record<string, number>, key: string) => {
  counts[key] = (counts[key] ?? 0) + 1
}

export function createMetrics(options: MetricsOptions): Metrics {
  const journeys = new Map<string, Journey>()
  const inputs: Record<string, number> = {}
  const rejections: Record<string, number> = {}
  const evidence: Record<string, number> = {}
  let events = 0
  let copies = 0
  let messages = 0
  let refused = 0

  function times(): { last: number[]; supermajority: number[] } {
    const last: number[] = []
    const supermajority: number[] = []
    for (const { submittedMs, block, finalMs } of journeys.values()) {
      if (block === null) continue
      const needed = options.supermajority(block.voters.length)
      const sorted = block.voters
        .filter((voter) => options.isSteady(voter))
        .map((voter) => finalMs.get(voter))
        .filter((ms) => ms !== undefined)
        .map((ms) => (ms - submittedMs) / options.deltaMs)
        .sort((a, b) => a - b)
      const slowest = sorted.at(-1)
      if (slowest !== undefined) last.push(slowest)
      const atNeeded = sorted[needed - 1]
      if (atNeeded !== undefined) supermajority.push(atNeeded)
    }
    return { last, supermajority }
  }

  return {
    onSubmitted: (key) => journeys.set(key, { submittedMs: options.nowMs(), block: null, finalMs: new Map() }),
    onSigned: () => {
      events++
    },
    onSend(message) {
      messages++
      if (message.kind === 'events') copies += message.events.length
    },
    onInput: (input) => increment(inputs, input.kind === 'message' ? input.message.kind : input.kind),
    onBlock(host, block) {
      for (const item of block.items) {
        for (const bytes of item.transactions) {
          const journey = journeys.get(transactionKey(bytes))
          if (journey === undefined) continue
          journey.block ??= block
          const peer = host.identity()
          if (!journey.finalMs.has(peer)) journey.finalMs.set(peer, options.nowMs())
        }
      }
    },
    onRejection: (reason) => increment(rejections, reason),
    onEvidence: (kind) => increment(evidence, kind),
    onRefused: () => {
      refused++
    },
    result(ledger, rounds) {
      const { last, supermajority } = times()
      const voterBlocks = ledger.reduce((sum, block) => sum + block.voters.length, 0)
      return {
        finalityDelta: last,
        finalitySupermajorityDelta: supermajority,
        transactions: journeys.size,
        events,
        blocks: ledger.length,
        eventsPerBlockPerVoter: voterBlocks === 0 ? 0 : events / voterBlocks,
        copies,
        messages,
        inputs,
        rejections,
        evidence,
        refused,
        rounds,
        virtualMs: options.nowMs(),
      }
    },
  }
}
