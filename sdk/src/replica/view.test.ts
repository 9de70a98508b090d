/** Random interleavings of submissions, blocks and deliveries in several tabs, against an obvious model. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { blockAfter, createFakeSection, type FakeTransaction, settled } from '../../test/fake-section.ts'
import type { FinalBlock } from '../index.ts'
import { accept, type Machine, reject, replicate } from './index.ts'

type Balances = Readonly<Record<string, number>>

interface Take {
  readonly from: string
  readonly amount: number
}

const tabs = ['ann', 'ben', 'cas'] as const

const balances: Machine<Balances, 'overdrawn'> = {
  version: 1,
  initial: { ann: 5, ben: 5, cas: 5 },
  apply(state, { creator, value }) {
    const { from, amount } = value as Take
    if ((state[from] ?? 0) < amount) return reject('overdrawn')
    const without = { ...state, [from]: (state[from] ?? 0) - amount }
    return accept({ ...without, [creator]: (without[creator] ?? 0) + amount })
  },
}

/** The same rules once more, without anything of replicas. */
function taken(before: Balances, creator: string, { from, amount }: Take): Balances {
  const after: Record<string, number> = { ...before }
  if ((after[from] ?? 0) < amount) return before
  after[from] = (after[from] ?? 0) - amount
  after[creator] = (after[creator] ?? 0) + amount
  return after
}

const tab = fc.integer({ min: 0, max: tabs.length - 1 })
const step = fc.oneof(
  fc.record({ kind: fc.constant('submit' as const), tab, from: fc.constantFrom(...tabs), amount: fc.nat(6) }),
  /** The oldest few of each tab become a block, in an order that keeps each tab's own. */
  fc.record({
    kind: fc.constant('order' as const),
    counts: fc.array(fc.nat(3), { minLength: 3, maxLength: 3 }),
    turns: fc.array(tab, { maxLength: 9 }),
  }),
  fc.record({ kind: fc.constant('deliver' as const), tab }),
)

test('the view is the final state with the own pending transactions on top, and equal blocks give equal states', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const fakes = tabs.map((name) => createFakeSection(name))
      const replicas = fakes.map(({ section }) => replicate(section, balances))
      const delivered = tabs.map(() => 0)
      const chain: FinalBlock[] = []
      const ordered = new Set<string>()
      for (const at of steps) {
        if (at.kind === 'submit') replicas[at.tab]?.submit({ from: at.from, amount: at.amount })
        if (at.kind === 'order') {
          const waiting = fakes.map(({ submitted }, index) =>
            submitted.filter(({ id }) => !ordered.has(id)).slice(0, at.counts[index]),
          )
          const block = merged(waiting, at.turns)
          for (const { id } of block) ordered.add(id)
          chain.push(blockAfter(chain.at(-1) ?? null, block, { voters: tabs }))
        }
        if (at.kind === 'deliver') {
          const block = chain[delivered[at.tab] ?? 0]
          if (block) fakes[at.tab]?.deliver(block)
          if (block) delivered[at.tab] = (delivered[at.tab] ?? 0) + 1
          await settled()
        }
        check()
      }

      function check(): void {
        tabs.forEach((name, index) => {
          const blocks = chain.slice(0, delivered[index])
          const transactions = blocks.flatMap((block) => block.transactions)
          const fold = (state: Balances, { creator, value }: { creator: string; value: unknown }) =>
            taken(state, creator, value as Take)
          const final = transactions.reduce(fold, balances.initial as Balances)
          const inBlocks = new Set(transactions.map(({ id }) => id))
          const pending = (fakes[index]?.submitted ?? []).filter(({ id }) => !inBlocks.has(id))
          const { current } = replicas[index] ?? {}
          expect(current?.final, `${name}'s final state`).toEqual(final)
          expect(current?.view, `${name}'s view`).toEqual(pending.reduce(fold, final))
          expect(current?.pending.map(({ id }) => id)).toEqual(pending.map(({ id }) => id))
        })
        for (const [index, replica] of replicas.entries()) {
          for (const [other, second] of replicas.entries()) {
            if (delivered[index] === delivered[other]) expect(replica.hash()).toBe(second.hash())
          }
        }
      }
    }),
    { numRuns: 50 },
  )
}, 30_000)

function merged(queues: readonly (readonly FakeTransaction[])[], turns: readonly number[]): FakeTransaction[] {
  const left = queues.map((queue) => [...queue])
  const taken = turns.flatMap((turn) => left[turn]?.shift() ?? [])
  return [...taken, ...left.flat()]
}
