/**
 * The reference model of the section profile: slow, obvious, written from the protocol's text alone, and compared with the
 * core by property tests and scenarios. Imports the model and core types only.
 */
import type { GossipEvent, PeerId } from '../../src/core/gossip/event.ts'
import type { Hashing } from '../../src/core/io.ts'
import type { Coin } from '../../src/core/options.ts'
import type { Block, Genesis } from '../../src/core/section/block.ts'
import { type Agreed, agree, agreedAtGenesis, type Batch } from './agreed.ts'
import { createAncestry } from './ancestry.ts'
import { createElection, type Election, sameBatch } from './election.ts'

export interface ModelOptions {
  readonly genesis: Genesis
  readonly hashing: Hashing
  readonly coin: Coin
}

/** What one election looks like over the whole graph. */
export interface ElectionReport {
  readonly interesting: readonly GossipEvent[]
  readonly observers: readonly { readonly event: GossipEvent; readonly observees: readonly PeerId[] }[]
  /** The events at which it is decided. */
  readonly decided: readonly GossipEvent[]
}

export type Model = ReturnType<typeof createModel>

export function createModel({ genesis, hashing, coin }: ModelOptions) {
  const ancestry = createAncestry()
  const blocks: Block[] = []
  const first = createElection(agreedAtGenesis(genesis, hashing), {
    ...{ ancestry, hashing, coin },
    previousDecidedAt: () => true,
  })
  const elections: Election[] = [first]

  /** Every decider of an election decides the same: a violation of agreement is an exception here. */
  function decide(election: Election, events: Iterable<GossipEvent>): Batch | null {
    let decided: Batch | null = null
    for (const event of events) {
      const batch = election.decidedAt(event)
      if (batch && decided && !sameBatch(batch, decided)) throw new Error('two events decide differently')
      decided ??= batch
    }
    return decided
  }

  function startNextElection(last: Election, batch: Batch): void {
    const { block, agreed } = agree(last.agreed, batch, ancestry, hashing)
    if (block) blocks.push(block)
    const previousDecidedAt = (event: GossipEvent) => last.decidedAt(event) !== null
    elections.push(createElection(agreed, { ancestry, hashing, coin, previousDecidedAt }))
  }

  /** Evaluates every election over all events, again after each that is decided. */
  function add(events: readonly GossipEvent[]): void {
    for (const event of events) ancestry.add(event)
    for (const election of elections) decide(election, ancestry.events.values())
    for (;;) {
      const last = elections.at(-1) as Election
      const batch = decide(last, ancestry.events.values())
      if (batch === null) return
      startNextElection(last, batch)
    }
  }

  /** The elections up to the first one that none of the events decides. */
  function decidedBelow(events: readonly GossipEvent[]): number {
    const open = elections.findIndex((election) => !events.some((event) => election.decidedAt(event) !== null))
    return open === -1 ? elections.length - 1 : open
  }

  /** What is agreed at an event that has these parents. */
  const agreedAt = (parents: readonly GossipEvent[]): Agreed => (elections[decidedBelow(parents)] as Election).agreed

  /** Who takes part: events at whose parents the election is not decided yet. */
  function report(election: Election): ElectionReport {
    const all = [...ancestry.events.values()]
    const open = all.filter((event) => !ancestry.parents(event).some(election.decidedAt))
    return {
      interesting: open.filter(election.isInteresting),
      observers: open.filter(election.isObserver).map((event) => ({ event, observees: election.stronglySeen(event) })),
      decided: all.filter((event) => election.decidedAt(event) !== null),
    }
  }

  return { ancestry, blocks, elections, add, agreedAt, report }
}
