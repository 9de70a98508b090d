import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { key, openTab as open, pass, stopTime } from '../../test/sessions.ts'
import { createMemoryStore, type Store } from '../store/index.ts'
import { createMemoryNetwork, type MemoryNetwork } from '../transport/memory.ts'
import { createHashing, encodeMessage, frameMessage } from '../wire/index.ts'
import type { Session } from './session.ts'

beforeEach(stopTime)
afterEach(() => void vi.useRealTimers())

/** Two tabs that cannot reach each other and found a section each; then they meet. */
async function strangers(): Promise<{ network: MemoryNetwork; a: Session; b: Session; meet: () => Promise<unknown> }> {
  const network = createMemoryNetwork()
  network.cut(key('a'), key('b'))
  const a = await open(network, 'a')
  const b = await open(network, 'b')
  await pass(10_000)
  const meet = () => {
    network.heal(key('a'), key('b'))
    return pass(3_000)
  }
  return { network, a, b, meet }
}

describe('two sections in one room', () => {
  test('both with history: a conflict that both are told of, once; nothing is merged', async () => {
    const { a, b, meet } = await strangers()
    a.section.submit('ours')
    b.section.submit('theirs')
    await pass(1_000)
    const told: string[] = []
    a.section.on('conflict', (id) => told.push(`a ${id}`))
    b.section.on('conflict', (id) => told.push(`b ${id}`))
    const [ours, theirs] = [a.section.id, b.section.id]
    await meet()
    expect(told.toSorted()).toEqual([`a ${theirs}`, `b ${ours}`])
    expect([a.section.id, b.section.id]).toEqual([ours, theirs])
    expect(a.section.diagnostics().conflicts).toEqual([theirs])
    expect(a.section.block(1)?.transactions.map(({ value }) => value)).toEqual(['ours'])
    a.section.submit('still ours')
    await pass(1_000)
    expect(a.section.status).toMatchObject({ state: 'ready', height: 2 })
  })

  test('of made-up ones no more are remembered than anybody looks at', async () => {
    const network = createMemoryNetwork()
    const a = await open(network, 'a')
    await pass(1_000)
    a.section.submit('ours')
    await pass(1_000)
    const nothing = () => {}
    const ignored = { frame: nothing, drained: nothing, delay: nothing, signaling: nothing, refused: nothing }
    const liar = network.join(key('f'), { ...ignored, peerUp: nothing, peerDown: nothing })
    await pass(100)
    for (let number = 0; number < 40; number++) {
      const salt = number.toString(16).padStart(64, '0')
      const genesis = { founders: [key('f')], createdAtMs: 1, salt, previousSection: null, maxVoters: 13 }
      const sectionId = createHashing().genesis(genesis)
      const said = { kind: 'section', sectionId, genesis, height: 1, voters: 1, members: 1, hasHistory: true } as const
      for (const frame of frameMessage(encodeMessage(said))) liar.send(key('a'), frame)
    }
    await pass(1_000)
    expect(a.section.diagnostics().refused['wrongSection']).toBe(40)
    expect(a.section.diagnostics().conflicts).toHaveLength(16)
    await liar.close()
  })

  test('the one without history yields, and its member becomes a member of the other', async () => {
    const { a, b, meet } = await strangers()
    b.section.submit('theirs')
    await pass(1_000)
    const kept = b.section.id
    expect(a.section.id).not.toBe(kept)
    await meet()
    expect([a.section.id, b.section.id]).toEqual([kept, kept])
    expect(a.section.status.role).toBe('member')
    expect(a.section.block(1)?.transactions.map(({ value }) => value)).toEqual(['theirs'])
    expect(a.section.diagnostics().conflicts).toEqual([])
  })

  test('of two without history one yields, and both are the same afterwards', async () => {
    const { a, b, meet } = await strangers()
    const kept = [a.section.id, b.section.id].toSorted()[0]
    await meet()
    expect([a.section.id, b.section.id]).toEqual([kept, kept])
    expect([a.section.status.members.length, b.section.status.members.length]).toEqual([2, 2])
  })
})

describe('an invitation', () => {
  test('leads to that section', async () => {
    const network = createMemoryNetwork()
    const a = await open(network, 'a')
    await pass(1_000)
    const b = await open(network, 'b', { wanted: a.section.id })
    await pass(2_000)
    await expect(b.joined).resolves.toBeUndefined()
    expect(b.section.id).toBe(a.section.id)
  })

  test('to another section leads nowhere: nothing is joined, nothing is founded', async () => {
    const network = createMemoryNetwork()
    const a = await open(network, 'a')
    await pass(1_000)
    const b = await open(network, 'b', { wanted: key('7') })
    await pass(60_000)
    expect(b.section.status).toMatchObject({ state: 'joining', role: 'outside' })
    expect(b.section.id).toBe('')
    expect(b.section.diagnostics().refused['wrongSection']).toBeGreaterThan(0)
    expect(a.section.status.members).toHaveLength(1)
  })

  test('to another section than the one that the identity lives in fails, and costs that one nothing', async () => {
    const store = createMemoryStore()
    const kept: Store = { ...store, close: async () => {} }
    const network = createMemoryNetwork()
    const a = await open(network, 'a', { openStore: async () => kept })
    await pass(1_000)
    a.section.submit('kept')
    await pass(1_000)
    await a.section.close()
    await expect(open(network, 'a', { openStore: async () => kept, wanted: key('7') })).rejects.toThrow()
    const again = await open(network, 'a', { openStore: async () => kept })
    await pass(1_000)
    expect(again.section.block(1)?.transactions.map(({ value }) => value)).toEqual(['kept'])
  })
})

describe('after `close`', () => {
  async function closed(): Promise<Session> {
    const a = await open(createMemoryNetwork(), 'a')
    await pass(1_000)
    const closing = a.section.close()
    await pass(100)
    await closing
    return a
  }

  test('`submit` throws `closed`', async () => {
    const { section } = await closed()
    expect(() => section.submit(1)).toThrow(expect.objectContaining({ code: 'closed' }))
  })

  test('what was not final is rejected, and iterations end', async () => {
    const network = createMemoryNetwork()
    const [a, b, c, d] = [
      await open(network, 'a'),
      await open(network, 'b'),
      await open(network, 'c'),
      await open(network, 'd'),
    ]
    await pass(10_000)
    expect(a.section.status.voters).toBe(4)
    for (const name of ['b', 'c', 'd']) network.cut(key('a'), key(name))
    await pass(100)
    const receipt = a.section.submit('too late')
    const heights: number[] = []
    const reading = (async () => {
      for await (const { height } of a.section.blocks()) heights.push(height)
    })()
    await pass(100)
    const closing = a.section.close()
    await pass(100)
    await closing
    await reading
    await expect(receipt.final).rejects.toMatchObject({ code: 'closed' })
    expect(heights.length).toBe(a.section.status.height)
    expect([b, c, d].every(({ section }) => section.status.height === heights.length)).toBe(true)
  })

  test('closing twice is one closing, and the identity is released for the next time', async () => {
    const released: boolean[] = []
    const a = await open(createMemoryNetwork(), 'a', { release: async (forget) => void released.push(forget) })
    await pass(1_000)
    await Promise.all([a.section.close(), a.section.close()])
    expect(released).toEqual([false])
  })

  test('`certificate` of what is not certified is rejected', async () => {
    const { section } = await closed()
    await expect(section.certificate(9)).rejects.toMatchObject({ code: 'closed' })
  })
})
