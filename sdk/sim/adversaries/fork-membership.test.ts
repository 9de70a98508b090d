import { beforeAll, describe, expect, test } from 'vitest'
import type { EventId, GossipEvent, PeerId } from '../../src/core/gossip/event.ts'
import { createParsec } from '../../src/core/parsec.ts'
import type { CreateChecker } from '../checkers/checker.ts'
import { defaultSettings, scenarioOf } from '../scenarios/settings.ts'
import { simulate } from '../simulate.ts'

interface Seen {
  readonly events: readonly GossipEvent[]
  /** Correct peers that heard an event from its creator. */
  readonly heard: ReadonlyMap<EventId, ReadonlySet<PeerId>>
  /** Heights of the blocks that change who is a member or a voter. */
  readonly changes: readonly number[]
}

/** Five come one after the other, and one of them forks inside that. */
async function world(seed: number): Promise<Seen> {
  const settings = { ...defaultSettings, genesis: 'grow', peers: 5, byzantine: 1, coin: 'hash', loadDelta: 50 } as const
  const heard = new Map<EventId, Set<PeerId>>()
  const changes: number[] = []
  const watch: CreateChecker = () => ({
    onFirstBlock({ height, observations }) {
      if (observations.some(({ kind }) => kind !== 'vote')) changes.push(height)
    },
    onOutput(host, input) {
      if (input.kind !== 'message' || input.message.kind !== 'events') return
      for (const { id, creator } of input.message.events)
        if (creator === input.from) heard.set(id, (heard.get(id) ?? new Set()).add(host.identity()))
    },
  })
  const scenario = scenarioOf(settings, seed, () => ['forkMembership'])
  const { events } = await simulate(scenario, { createCore: createParsec, checkers: [watch] })
  return { events: events(), heard, changes }
}

/** Two events with one self-parent: the one that attests less, and the other. */
function forksIn(events: readonly GossipEvent[]): (readonly [GossipEvent, GossipEvent])[] {
  return events.flatMap((a, index) =>
    events
      .slice(index + 1)
      .filter((b) => a.creator === b.creator && a.selfParent === b.selfParent)
      .map((b) => (a.attest.height <= b.attest.height ? ([a, b] as const) : ([b, a] as const))),
  )
}

describe('an adversary that forks inside a membership change', () => {
  let worlds: readonly Seen[] = []
  beforeAll(async () => {
    worlds = await Promise.all([1, 2, 3, 4, 5, 6].map(world))
  }, 60_000)

  const across = ({ events, changes }: Seen) =>
    forksIn(events).filter(([before, after]) =>
      changes.some((height) => before.attest.height < height && height <= after.attest.height),
    )

  test('signs, after one event, one that knows the new membership and one that does not', () => {
    expect(worlds.some((seen) => across(seen).length > 0)).toBe(true)
  })

  test('shows each of the two to a peer to which it does not show the other', () => {
    const isOnlyHeard = ({ heard }: Seen, one: GossipEvent, other: GossipEvent) =>
      [...(heard.get(one.id) ?? [])].some((peer) => !heard.get(other.id)?.has(peer))
    const split = worlds.some((seen) =>
      across(seen).some(([before, after]) => isOnlyHeard(seen, before, after) && isOnlyHeard(seen, after, before)),
    )
    expect(split).toBe(true)
  })

  test('goes on from the event that does not know, with a parent from beyond the block', () => {
    const crosses = ({ events, changes }: Seen, [before]: readonly [GossipEvent, GossipEvent]) =>
      events.some(
        ({ selfParent, otherParents, attest }) =>
          selfParent === before.id &&
          otherParents.length === 1 &&
          changes.some((height) => before.attest.height < height && height <= attest.height),
      )
    expect(worlds.some((seen) => across(seen).some((fork) => crosses(seen, fork)))).toBe(true)
  })

  test('forks while the election is still open, too: then neither event knows, and what follows does', () => {
    const isOpen = ({ events, changes }: Seen, [a, b]: readonly [GossipEvent, GossipEvent]) =>
      changes.some(
        (height) =>
          a.attest.height === height - 1 &&
          b.attest.height === height - 1 &&
          events.some(({ selfParent, attest }) => selfParent === a.id && attest.height >= height) &&
          events.some(({ selfParent, attest }) => selfParent === b.id && attest.height >= height),
      )
    expect(worlds.some((seen) => forksIn(seen.events).some((fork) => isOpen(seen, fork)))).toBe(true)
  })
})
