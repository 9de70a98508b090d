import { expect, onTestFinished, test, vi } from 'vitest'
import { blockAfter, createFakeSection, settled } from '../../test/fake-section.ts'
import { type FinalBlock, ParsecError } from '../index.ts'
import { accept, integersFrom, type Machine, reject, replicate, stateHash } from './index.ts'

/** Coins in one pot: whole ones are put in and taken out, and it is never overdrawn. */
const pot: Machine<number, 'overdrawn' | 'malformed'> = {
  version: 1,
  initial: 10,
  apply(coins, { value }) {
    if (typeof value !== 'number') return reject('malformed')
    return coins + value < 0 ? reject('overdrawn') : accept(coins + value)
  },
}

interface Roll {
  readonly rolls: readonly (number | 'rolling')[]
}

const dice: Machine<Roll> = {
  version: 1,
  initial: { rolls: [] },
  apply: ({ rolls }, _, { randomness }) =>
    accept({ rolls: [...rolls, randomness === null ? 'rolling' : integersFrom(randomness)(1_000)] }),
  draws: (value) => value === 'roll',
}

const random = (digit: string) => ({ value: digit.repeat(64), isFair: true })
const by = (creator: string, value: unknown, id = `${creator}:${String(value)}`) => ({ id, creator, value })

test('final blocks are applied in order, those before it was opened included', async () => {
  const fake = createFakeSection('ann')
  const first = blockAfter(null, [by('ben', 1)])
  fake.deliver(first)
  const replica = replicate(fake.section, pot)
  await settled()
  expect(replica.current).toMatchObject({ final: 11, view: 11, height: 1, blockHash: first.hash, timeMs: first.timeMs })
  fake.deliver(blockAfter(first, [by('ben', 5), by('cas', -16)]))
  await settled()
  expect(replica.current).toMatchObject({ final: 0, height: 2 })
})

test('a listener that throws keeps no block from being applied', async () => {
  const reported = vi.spyOn(console, 'error').mockImplementation(() => {})
  onTestFinished(() => reported.mockRestore())
  const fake = createFakeSection('ann')
  const replica = replicate(fake.section, pot)
  replica.on('applied', ({ block }) => {
    if (block.height === 1) throw new Error('of the application')
  })
  const first = blockAfter(null, [by('ben', 1)])
  fake.deliver(first)
  fake.deliver(blockAfter(first, [by('ben', 2)]))
  await settled()
  expect(replica.current).toMatchObject({ final: 13, height: 2 })
  expect(reported.mock.calls).toEqual([[new Error('of the application')]])
})

test('an own transaction is in the view at once and in the final state with its block', async () => {
  const fake = createFakeSection('ann')
  const replica = replicate(fake.section, pot)
  const { id, outcome } = replica.submit(-4)
  expect(replica.current).toMatchObject({ final: 10, view: 6, pending: [{ id, verdict: { kind: 'accepted' } }] })
  fake.deliver(blockAfter(null, fake.submitted))
  expect(await outcome).toEqual({ kind: 'accepted', height: 1, index: 0 })
  await settled()
  expect(replica.current).toMatchObject({ final: 6, view: 6, pending: [] })
})

test('pending transactions are based anew on each block, and say what would become of them', async () => {
  const fake = createFakeSection('ann')
  const replica = replicate(fake.section, pot)
  const { outcome } = replica.submit(-8)
  replica.submit(1)
  expect(replica.current.view).toBe(3)
  const first = blockAfter(null, [by('ben', -5)])
  fake.deliver(first)
  await settled()
  expect(replica.current).toMatchObject({
    final: 5,
    view: 6,
    pending: [{ verdict: { kind: 'rejected', reason: 'overdrawn' } }, { verdict: { kind: 'accepted' } }],
  })
  fake.deliver(blockAfter(first, fake.submitted.slice(0, 1)))
  expect(await outcome).toEqual({ kind: 'rejected', reason: 'overdrawn', height: 2, index: 0 })
  await settled()
  expect(replica.current).toMatchObject({ final: 5, view: 6, pending: [{ value: 1 }] })
})

test('a pending transaction is told of the block that it may come into, and no random value', async () => {
  const fake = createFakeSection('ann')
  const apply = vi.fn(() => accept(0))
  const replica = replicate(fake.section, { version: 1, initial: 0, apply })
  const first = blockAfter(null, [], { voters: ['ben'] })
  fake.deliver(first)
  await settled()
  const { id } = replica.submit({ a: 1 })
  const { timeMs, voters, members } = first
  expect(apply).toHaveBeenCalledExactlyOnceWith(
    0,
    { id, creator: 'ann', value: { a: 1 } },
    { height: 2, timeMs, voters, members, randomness: null },
  )
})

test('what is submitted is not what the page does with it later', () => {
  const replica = replicate(createFakeSection('ann').section, pot)
  const value = [1]
  replica.submit(value)
  value.push(2)
  expect(replica.current.pending).toMatchObject([{ value: [1] }])
})

test('what others send can be anything: what apply throws at is rejected, changes nothing and is shown', async () => {
  const fake = createFakeSection('ann')
  const careless: Machine<readonly string[]> = {
    version: 1,
    initial: [],
    apply: (names, { value }) => accept([...names, (value as { name: string }).name.toUpperCase()]),
  }
  const replica = replicate(fake.section, careless)
  fake.deliver(blockAfter(null, [by('ben', null), by('ben', { name: 'ben' }), by('ben', { name: 7 }, 'bad')]))
  await settled()
  expect(replica.current).toMatchObject({
    final: ['BEN'],
    fault: { height: 1, transaction: 'bad', error: expect.any(TypeError) },
  })
})

test('a state is frozen: a machine that changes it rejects the transaction instead', async () => {
  const fake = createFakeSection('ann')
  const changing: Machine<{ names: string[]; byName: Map<string, number> }> = {
    version: 1,
    initial: { names: [], byName: new Map() },
    apply(state, { value }) {
      if (value === 'names') state.names.push('x')
      if (value === 'map') state.byName.set('x', 1)
      if (value === 'copied') return accept({ ...state, byName: new Map(state.byName).set('x', 1) })
      return accept(state)
    },
  }
  const replica = replicate(fake.section, changing)
  for (const value of ['names', 'map']) {
    expect(replica.submit(value).id).toBeDefined()
    expect(replica.current.pending.at(-1)?.verdict).toMatchObject({ kind: 'threw', error: expect.any(TypeError) })
  }
  replica.submit('copied')
  expect(replica.current.view.byName.get('x')).toBe(1)
  expect(replica.current.final).toEqual({ names: [], byName: new Map() })
})

test('a value is not changed either: the view applies it again and again', () => {
  const changing: Machine<number> = {
    version: 1,
    initial: 0,
    apply: (total, { value }) => accept(total + ((value as number[]).pop() ?? 0)),
  }
  const replica = replicate(createFakeSection('ann').section, changing)
  replica.submit([1])
  expect(replica.current.pending[0]?.verdict).toMatchObject({ kind: 'threw', error: expect.any(TypeError) })
})

test('a promise is no answer of apply, and bytes are no state', () => {
  const fake = createFakeSection('ann')
  const apply = vi.fn()
  const replica = replicate<unknown>(fake.section, { version: 1, initial: null, apply })
  const verdictOf = (answer: unknown) => {
    apply.mockReturnValue(answer)
    replica.submit(1)
    return replica.current.pending.at(-1)?.verdict
  }
  expect(verdictOf(Promise.resolve(accept(1)))).toMatchObject({ kind: 'threw', error: { code: 'badResult' } })
  expect(verdictOf(accept(new Uint8Array(1)))).toMatchObject({ kind: 'threw', error: { code: 'badState' } })
  expect(verdictOf(accept({ at: new Date(0) }))).toMatchObject({ kind: 'threw', error: { code: 'badState' } })
})

test('members that come and go reach the state at the end of their block', async () => {
  const fake = createFakeSection('ann')
  const roster: Machine<readonly string[]> = {
    version: 1,
    initial: ({ founders }) => founders,
    apply: (members, { creator }) => (members.includes(creator) ? accept(members) : reject('no member yet')),
    endBlock: (members, { changes }) => [
      ...members,
      ...changes.flatMap((change) => (change.kind === 'add' ? change.peer : [])),
    ],
  }
  const replica = replicate(fake.section, roster)
  const verdicts: unknown[] = []
  replica.on('applied', ({ transactions }) => verdicts.push(...transactions.map(({ verdict }) => verdict.kind)))
  const first = blockAfter(null, [by('ben', 0)], { voters: ['zoe'], changes: [{ kind: 'add', peer: 'ben' }] })
  fake.deliver(first)
  fake.deliver(blockAfter(first, [by('ben', 1)]))
  await settled()
  expect(verdicts).toEqual(['rejected', 'accepted'])
  expect(replica.current.final).toEqual(['zoe', 'ben'])
})

test('a block that draws, and all above it, wait for its random value', async () => {
  const fake = createFakeSection('ann')
  const replica = replicate(fake.section, dice)
  const { outcome } = replica.submit('roll')
  expect(fake.submitted).toMatchObject([{ value: 'roll', draw: true }])
  expect(replica.current.view.rolls).toEqual(['rolling'])
  const first = blockAfter(null, fake.submitted)
  fake.deliver(first)
  fake.deliver(blockAfter(first, [by('ben', 'no roll')]))
  await settled()
  expect(replica.current).toMatchObject({ height: 0, awaiting: 1, view: { rolls: ['rolling'] } })
  fake.draw(1, random('a'))
  expect(await outcome).toMatchObject({ kind: 'accepted', height: 1 })
  await settled()
  expect(replica.current).toMatchObject({ height: 2, awaiting: null })
  expect(replica.current.final.rolls).toEqual([expect.any(Number), 'rolling'])
  expect(fake.asked).toEqual([1])
})

test('two that draw in one block get different values, and each gets the same in every tab', async () => {
  const block = blockAfter(null, [by('ben', 'roll', 'one'), by('ben', 'roll', 'two')])
  const rolls = await Promise.all(
    ['ann', 'ben'].map(async (name) => {
      const fake = createFakeSection(name)
      const replica = replicate(fake.section, dice)
      fake.deliver(block)
      fake.draw(1, random('b'))
      await settled()
      return replica.current.final.rolls
    }),
  )
  expect(rolls[0]).toEqual(rolls[1])
  expect(new Set(rolls[0]).size).toBe(2)
})

test('what was not applied when the section ended is rejected', async () => {
  const fake = createFakeSection('ann')
  const replica = replicate(fake.section, dice)
  const [drawing, waiting] = [replica.submit('roll'), replica.submit('later')]
  fake.deliver(blockAfter(null, fake.submitted.slice(0, 1)))
  await settled()
  fake.stop(new ParsecError('stopped', 'alarm'))
  await expect(drawing.outcome).rejects.toMatchObject({ code: 'ended' })
  await expect(waiting.outcome).rejects.toMatchObject({ code: 'stopped' })
  await settled()
  expect(replica.current.pending).toEqual([])
})

test('what the section gives up is no longer in the view', async () => {
  const fake = createFakeSection('ann')
  const replica = replicate(fake.section, pot)
  const { outcome } = replica.submit(5)
  fake.stop(new ParsecError('notAMember', 'removed'))
  await expect(outcome).rejects.toMatchObject({ code: 'notAMember' })
  expect(replica.current).toMatchObject({ view: 10, pending: [] })
})

test('in another section it begins again, even while it waits for a random value of the former one', async () => {
  const fake = createFakeSection('ann')
  const origins: string[] = []
  const initial = ({ sectionId }: { readonly sectionId: string }): Roll => {
    origins.push(sectionId)
    return { rolls: [] }
  }
  const replica = replicate(fake.section, { ...dice, initial })
  fake.deliver(blockAfter(null, [by('ben', 'roll')]))
  const { outcome } = replica.submit('lost')
  await settled()
  fake.move('other')
  await expect(outcome).rejects.toMatchObject({ code: 'superseded' })
  fake.deliver(blockAfter(null, [by('ann', 'no roll'), by('ann', 'no roll', 'another')]))
  await settled()
  const after = { height: 1, awaiting: null, final: { rolls: ['rolling', 'rolling'] }, pending: [] }
  expect(replica.current).toMatchObject(after)
  fake.draw(1, random('c'))
  await settled()
  expect(replica.current).toMatchObject(after)
  expect([...new Set(origins)]).toEqual(['section', 'other'])
})

test('a section that gives way before anything is final takes the initial state along, not what is pending', async () => {
  const fake = createFakeSection('ann')
  const named: Machine<string> = {
    version: 1,
    initial: ({ sectionId }) => sectionId,
    apply: (state, { value }) => accept(`${state} ${String(value)}`),
  }
  const replica = replicate(fake.section, named)
  replica.submit('hello')
  fake.yield('theirs')
  expect(replica.current).toMatchObject({ final: 'theirs', view: 'theirs hello' })
})

test('current stays the same object until something changes, and listeners are told when it has', async () => {
  const fake = createFakeSection('ann')
  const replica = replicate(fake.section, pot)
  const listener = vi.fn()
  const end = replica.subscribe(listener)
  const before = replica.current
  await settled()
  expect(replica.current).toBe(before)
  expect(listener).not.toHaveBeenCalled()
  replica.submit(1)
  expect(listener).toHaveBeenCalledTimes(1)
  expect(replica.current).not.toBe(before)
  end()
  replica.submit(1)
  expect(listener).toHaveBeenCalledTimes(1)
})

test('a long history is applied without keeping the page from its turn', async () => {
  const fake = createFakeSection('ann')
  let block: FinalBlock | null = null
  for (let count = 0; count < 600; count++) {
    block = blockAfter(block, [by('ben', 1, `${count}`)])
    fake.deliver(block)
  }
  const replica = replicate(fake.section, pot)
  const heights: number[] = []
  replica.subscribe(() => heights.push(replica.current.height))
  await vi.waitFor(() => expect(replica.current.height).toBe(600), 20_000)
  expect(heights).toEqual([256, 512, 600])
}, 30_000)

test('a closed replica stops listening, rejects what is pending and leaves the section open', async () => {
  const fake = createFakeSection('ann')
  const replica = replicate(fake.section, pot)
  const { outcome } = replica.submit(1)
  await replica.close()
  await expect(outcome).rejects.toMatchObject({ code: 'closed' })
  expect(fake.listeners).toBe(0)
  expect(fake.calls).toEqual([])
  expect(() => replica.submit(1)).toThrow(expect.objectContaining({ code: 'closed' }))
})

test('the hash is that of the final state, whatever is pending', () => {
  const replica = replicate(createFakeSection('ann').section, pot)
  replica.submit(1)
  expect(replica.hash()).toBe(stateHash(10))
})

test.each([{ snapshotEvery: 0 }, { attestEvery: -1 }, { attestEvery: 1.5 }])('%o is refused', (options) => {
  expect(() => replicate(createFakeSection('ann').section, pot, options)).toThrow(
    expect.objectContaining({ code: 'badOptions' }),
  )
})
