import { describe, expect, test } from 'vitest'
import { type CoreNetwork, createCoreNetwork, drawHonest, printObservations } from '../../../test/cores.ts'
import { peerId, peerName } from '../../../test/notation.ts'
import type { ParsecOptions } from '../options.ts'
import { GROW_AFTER_MS, SHRINK_AFTER_MS } from './policy.ts'

const grow = { voterPolicy: 'grow' } as const
const submit = (value: number) => ({ kind: 'submit', transactions: [new Uint8Array([value])] }) as const
const vote = (text: string) => ({ kind: 'vote', value: new TextEncoder().encode(text) }) as const
const admit = (name: string) => ({ kind: 'admit', peer: peerId(name) }) as const

const voters = (network: CoreNetwork, name: string) => {
  const { members } = network.core(name).status()
  return members
    .filter(({ voter }) => voter)
    .map(({ peer }) => peerName(peer))
    .sort()
    .join('')
}
const members = (network: CoreNetwork, name: string) =>
  network
    .core(name)
    .status()
    .members.map(({ peer }) => peerName(peer))
    .join('')
/** What blocks of observations say, in order. */
const changes = (network: CoreNetwork, name: string) =>
  network
    .blocks(name)
    .map((block) => printObservations(block))
    .filter((text) => text !== '')

/** Members join one after another, each connected to all and admitted by all. */
function grown(names: string, options: Partial<ParsecOptions> = grow): CoreNetwork {
  const network = createCoreNetwork(names.slice(0, 1), 10, options)
  for (const [i, name] of [...names].entries()) {
    network.start(name)
    for (const other of names.slice(0, i)) network.connect(other + name)
    network.run(100)
    for (const other of names.slice(0, i)) network.put(other, admit(name))
    network.run(2_000)
  }
  return network
}

describe('how many voters', () => {
  test('one for up to three members, four from four on, seven from seven on, each step in one block', () => {
    const network = grown('ABCDEFG')
    for (const name of 'ABCDEFG') expect(voters(network, name)).toBe('ABCDEFG')
    expect(changes(network, 'A').filter((text) => text.startsWith('voters'))).toEqual([
      'voters:+B,C,D',
      'voters:+E,F,G@4',
    ])
    expect(network.faults).toEqual([])
  })

  test.each([
    ['ABC', 'A'],
    ['ABCDEF', 'ABCD'],
  ])('members %s, voters %s', (all, some) => {
    const network = grown(all)
    expect([members(network, 'A'), voters(network, 'A')]).toEqual([all, some])
  })

  test('four become one when one of them is gone: the surplus goes in the same block', () => {
    const network = grown('ABCD')
    network.isolate('D')
    network.run(SHRINK_AFTER_MS + 1_000)
    expect(changes(network, 'A').at(-1)).toMatch(/^voters:-/)
    for (const name of 'ABC') expect(voters(network, name)).toHaveLength(1)
    expect(members(network, 'A')).toBe('ABCD')
  })

  test('and whoever returns is a voter again', () => {
    const network = grown('ABCD')
    network.isolate('D')
    network.run(SHRINK_AFTER_MS + 1_000)
    for (const name of 'ABC') network.connect(`${name}D`)
    network.run(3_000)
    for (const name of 'ABCD') expect(voters(network, name)).toBe('ABCD')
  })

  test('a waiting member takes the place of an absent voter', () => {
    const network = grown('ABCDE')
    network.isolate('B')
    network.run(SHRINK_AFTER_MS + 1_000)
    expect(changes(network, 'A').at(-1)).toBe('voters:+E-B@4')
    for (const name of 'ACDE') expect(voters(network, name)).toBe('ACDE')
  })

  test('nothing changes without a quorum, until it is back', () => {
    const network = grown('ABCD')
    network.isolate('C')
    network.isolate('D')
    network.run(3_000)
    expect(voters(network, 'A')).toBe('ABCD')
    for (const name of 'AB') network.connect(`${name}C`)
    network.run(4_000)
    for (const name of 'ABC') expect(voters(network, name)).toHaveLength(1)
  })

  test('`fixed` never proposes a change of voters by itself', () => {
    const network = grown('ABCDE', { voterPolicy: 'fixed' })
    expect([members(network, 'A'), voters(network, 'A')]).toEqual(['ABCDE', 'A'])
  })
})

describe('hysteresis: a view of who is online has to hold before it is acted upon', () => {
  test(`nobody is demoted for an absence shorter than ${SHRINK_AFTER_MS} ms, however often`, () => {
    const network = grown('ABCD')
    for (let i = 0; i < 3; i++) {
      network.isolate('D')
      network.run(SHRINK_AFTER_MS - 50)
      for (const name of 'ABC') network.connect(`${name}D`)
      network.run(50)
    }
    expect(changes(network, 'A').filter((text) => text.includes('-'))).toEqual([])
  })

  test(`nobody is promoted before ${GROW_AFTER_MS} ms`, () => {
    const network = grown('ABC')
    network.start('D')
    for (const name of 'ABC') network.connect(`${name}D`)
    for (const name of 'ABC') network.put(name, admit('D'))
    network.run(GROW_AFTER_MS - 20)
    expect([members(network, 'A'), voters(network, 'A')]).toEqual(['ABCD', 'A'])
    network.run(50)
    expect(voters(network, 'A')).toBe('ABCD')
  })
})

describe('joiners', () => {
  /** Four voters, and E, which reaches some of them. */
  function joining(reached: string): CoreNetwork {
    const network = createCoreNetwork('ABCD')
    for (const name of 'ABCDE') network.start(name)
    network.connect('ABCD')
    for (const name of reached) network.connect(`${name}E`)
    network.run(100)
    for (const name of reached) network.put(name, admit('E'))
    network.run(3_000)
    return network
  }

  test('who is let in by at least a third of the voters is seconded by all', () => {
    const network = joining('AB')
    for (const name of 'ABCDE') expect(members(network, name)).toBe('ABCDE')
    expect(network.core('E').status().membership).toBe('member')
  })

  test('by fewer: stays outside', () => {
    const network = joining('A')
    expect(members(network, 'A')).toBe('ABCD')
    expect(network.core('E').status().membership).toBe('outside')
  })

  test("a member's transaction becomes final though it has no vote", () => {
    const network = joining('AB')
    network.put('E', submit(7))
    network.run(3_000)
    for (const name of 'ABCDE') {
      expect(network.blocks(name).flatMap(({ items }) => items.map(({ creator }) => peerName(creator)))).toEqual(['E'])
    }
    expect(network.core('E').status().pending).toBe(0)
  })
})

describe('leaving', () => {
  test('a member without a vote is removed', () => {
    const network = grown('AB')
    network.put('B', { kind: 'leave' })
    network.run(2_000)
    expect(changes(network, 'A').at(-1)).toBe('remove:B@1')
    expect(network.core('B').status().membership).toBe('removed')
  })

  test('a sole voter hands over first, at once: it can decide alone', () => {
    const network = grown('AB')
    network.put('A', { kind: 'leave' })
    network.run(15)
    expect(changes(network, 'A')).toEqual(['add:B', 'voters:+B-A'])
    network.run(2_000)
    expect([members(network, 'B'), voters(network, 'B')]).toEqual(['B', 'B'])
    expect(changes(network, 'B').at(-1)).toBe('remove:A')
  })

  test('one of four voters: the others go on with one, then it is removed', () => {
    const network = grown('ABCD')
    network.put('B', { kind: 'leave' })
    network.run(3_000)
    for (const name of 'ACD') expect([members(network, name), voters(network, name)]).toEqual(['ACD', 'A'])
    expect(network.faults).toEqual([])
  })

  test('the last member of all stays', () => {
    const network = grown('A')
    network.put('A', { kind: 'leave' })
    network.run(2_000)
    expect(members(network, 'A')).toBe('A')
  })

  test('an admission that was fulfilled is forgotten: whoever left is not added again', () => {
    const network = grown('AB')
    network.put('B', { kind: 'leave' })
    network.run(10_000)
    expect(changes(network, 'A')).toEqual(['add:B', 'remove:B@1'])
  })

  test('and who asks again is admitted again', () => {
    const network = grown('AB')
    network.put('B', { kind: 'leave' })
    network.run(2_000)
    network.put('A', admit('B'))
    network.run(100)
    expect(changes(network, 'A').slice(0, 3)).toEqual(['add:B', 'remove:B@1', 'add:B@2'])
  })
})

describe('standing down, as when the page is closed', () => {
  test('a sole voter hands over at once, and stays a member', () => {
    const network = grown('ABC')
    network.put('A', { kind: 'standDown' })
    network.run(15)
    expect(changes(network, 'A').at(-1)).toBe('voters:+B-A')
    network.isolate('A')
    network.put('C', submit(1))
    network.run(1_000)
    expect([members(network, 'B'), voters(network, 'C')]).toEqual(['ABC', 'B'])
    expect(
      network
        .blocks('C')
        .at(-1)
        ?.items.map(({ creator }) => peerName(creator)),
    ).toEqual(['C'])
    expect(network.faults).toEqual([])
  })

  test('what it had not finished becomes final first', () => {
    const network = grown('AB')
    network.put('A', submit(1))
    network.put('A', { kind: 'standDown' })
    network.run(30)
    expect(network.blocks('A').map((block) => block.items.length || printObservations(block))).toEqual([
      'add:B',
      1,
      'voters:+B-A',
    ])
  })

  test('with nobody else there it keeps its vote', () => {
    const network = grown('AB')
    network.isolate('A')
    network.put('A', { kind: 'standDown' })
    network.run(2_000)
    expect(voters(network, 'A')).toBe('A')
  })

  test('one of four voters: its own vote and two more settle it, and nobody waits', () => {
    const network = grown('ABCD')
    network.put('B', { kind: 'standDown' })
    network.run(15)
    network.isolate('B')
    network.run(SHRINK_AFTER_MS / 4)
    for (const name of 'ACD') expect([members(network, name), voters(network, name)]).toEqual(['ABCD', 'A'])
  })

  test('a member without a vote says nothing', () => {
    const network = grown('AB')
    const before = network.created('B').length
    network.put('B', { kind: 'standDown' })
    network.run(2_000)
    expect(network.created('B')).toHaveLength(before)
  })

  test('whoever wakes is somebody to be promoted again', () => {
    const network = grown('ABCD')
    network.put('B', { kind: 'standDown' })
    network.run(15)
    network.isolate('B')
    network.run(2_000)
    network.put('B', { kind: 'wake' })
    for (const name of 'ACD') network.connect(`${name}B`)
    network.run(5_000)
    for (const name of 'ABCD') expect(voters(network, name)).toBe('ABCD')
  })
})

describe('forgetting the absent', () => {
  const forgetful = { voterPolicy: 'grow', forgetAfterMs: 60_000 } as const

  test('a member that is away for as long as `forgetAfterMs` is removed, and not sooner', () => {
    const network = grown('AB', forgetful)
    network.isolate('B')
    network.run(59_000)
    expect(members(network, 'A')).toBe('AB')
    network.run(2_000)
    expect(members(network, 'A')).toBe('A')
  })

  test('who shows up in between is away anew', () => {
    const network = grown('AB', forgetful)
    network.isolate('B')
    network.run(50_000)
    network.connect('AB')
    network.run(1_000)
    network.isolate('B')
    network.run(50_000)
    expect(members(network, 'A')).toBe('AB')
  })

  test('while our own clock stood still, nobody was away', () => {
    const network = grown('AB', forgetful)
    network.isolate('B')
    network.run(50_000)
    network.put('A', { kind: 'wake' })
    network.run(50_000)
    expect(members(network, 'A')).toBe('AB')
    network.run(15_000)
    expect(members(network, 'A')).toBe('A')
  })

  test('whoever stands down, and hears of times to come, removes nobody', () => {
    const network = grown('AB', forgetful)
    network.isolate('B')
    network.run(59_900)
    network.put('A', { kind: 'standDown' })
    network.run(60_000)
    expect(members(network, 'A')).toBe('AB')
  })

  test('never, where no time is given', () => {
    const network = grown('AB')
    network.isolate('B')
    network.run(1e9)
    expect(members(network, 'A')).toBe('AB')
  })
})

describe('application votes', () => {
  function fixed(): CoreNetwork {
    const network = createCoreNetwork('ABCD')
    for (const name of 'ABCD') network.start(name)
    network.connect('ABCD')
    return network
  }

  test('a value is final once more than two thirds of the voters voted for the very same bytes', () => {
    const network = fixed()
    for (const name of 'AB') network.put(name, vote('x'))
    network.put('C', vote('y'))
    network.run(2_000)
    expect(changes(network, 'A')).toEqual([])
    network.put('D', vote('x'))
    network.run(2_000)
    for (const name of 'ABCD') expect(changes(network, name)).toEqual(['vote:x'])
  })

  test('it is decided once, and a late vote for it is not even cast', () => {
    const network = fixed()
    for (const name of 'ABC') network.put(name, vote('x'))
    network.run(2_000)
    for (const name of 'ABCD') network.put(name, vote('x'))
    network.run(2_000)
    expect(changes(network, 'D')).toEqual(['vote:x'])
    expect(network.created('D').flatMap(({ body }) => body.observations)).toEqual([])
    expect(network.faults).toEqual([])
  })

  test('a restarted voter does not vote twice for what it voted for before', () => {
    const graph = drawHonest('A: A_0[vote:x]', 'ABCD')
    const network = createCoreNetwork('ABCD')
    network.start('A')
    network.put('A', { kind: 'restore', events: graph.events })
    network.put('A', vote('x'))
    network.run(1_000)
    expect(network.created('A')).toEqual([])
  })
})
