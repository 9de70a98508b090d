import { expect, test } from 'vitest'
import { createModelCoins } from '../../../sim/coin/model-coin.ts'
import { type CoreNetwork, createCoreNetwork } from '../../../test/cores.ts'
import { peerId } from '../../../test/notation.ts'
import { MAX_DRAWS_PER_EVENT } from './duties.ts'
import { advanceCoin, noCoin } from './epochs.ts'
import { MAX_DRAWS_PER_CREATOR } from './items.ts'

const coins = createModelCoins(3)

test('of many registrations by one creator a block has one looked at', () => {
  const { coin } = coins.party(peerId('A'))
  const looked: string[] = []
  const crypto = {
    ...coin,
    isRegistration: (...[peer, key, proof]: Parameters<typeof coin.isRegistration>) => {
      looked.push(peer)
      return coin.isRegistration(peer, key, proof)
    },
  }
  const register = (name: string, proof: Uint8Array) => ({
    event: peerId(`${name} event`),
    creator: peerId(name),
    item: { kind: 'register', key: coins.party(peerId(name)).coin.registration().key, proof } as const,
  })
  const { proof } = coins.party(peerId('B')).coin.registration()
  const items = [...Array.from({ length: 100 }, () => register('A', new Uint8Array(32))), register('B', proof)]
  const block = { sectionId: peerId('section'), height: 1, items, voters: [peerId('A'), peerId('B')] }
  const { state } = advanceCoin(noCoin, block, crypto, () => '')
  expect(looked).toEqual([peerId('A'), peerId('B')])
  expect([...state.keys.keys()]).toEqual([peerId('B')])
})

test('of the random values of earlier blocks that a creator asks for, a block grants four; another’s are granted', () => {
  const { coin } = coins.party(peerId('A'))
  const draw = (name: string, height: number) => ({
    event: peerId(`${name} event`),
    creator: peerId(name),
    item: { kind: 'draw', height } as const,
  })
  const items = [1, 2, 2, 3, 4, 5, 6, 0].map((height) => draw('A', height))
  const block = { sectionId: peerId('section'), height: 20, voters: [peerId('A')], items: [...items, draw('B', 6)] }
  const { state } = advanceCoin(noCoin, block, coin, () => '')
  expect([...state.draws.keys()]).toEqual([1, 2, 3, 4, 20, 6])
  const next = { ...block, height: 21, items: [draw('A', 5)] }
  expect(advanceCoin(state, next, coin, () => '').state.draws.has(5)).toBe(true)
})

/** Four with a key, and some blocks. */
function grown(): { readonly network: CoreNetwork; readonly heights: readonly number[] } {
  const network = createCoreNetwork('ABCD')
  for (const name of 'ABCD') network.start(name, { coinCrypto: coins.party(peerId(name)).coin })
  network.connect('ABCD')
  network.run(5_000)
  for (let i = 0; i < 8; i++) {
    network.put('A', { kind: 'submit', transactions: [new Uint8Array([i])] })
    network.run(1_000)
  }
  return { network, heights: network.blocks('A').map(({ height }) => height) }
}

test('whoever wants more random values than one block grants asks for them in one block after another', () => {
  const { network, heights } = grown()
  expect(heights.length).toBeGreaterThan(2 * MAX_DRAWS_PER_CREATOR)
  for (const height of heights) network.put('B', { kind: 'draw', height })
  network.run(10_000)
  for (const height of heights) expect(network.core('B').randomness(height)).toMatchObject({ isFair: true })
})

test('shares of many random values go out a few with each event, and all of them do', () => {
  const { network, heights } = grown()
  for (const height of heights) network.put('ABCD'[height % 4] as string, { kind: 'draw', height })
  network.run(10_000)
  const posted = [...'ABCD'].flatMap((name) => network.created(name).map(({ body }) => body.coin?.shares.length ?? 0))
  expect(Math.max(...posted)).toBe(MAX_DRAWS_PER_EVENT)
  for (const height of heights) {
    const asker = 'ABCD'[height % 4] as string
    expect(network.core(asker).randomness(height)).toMatchObject({ isFair: true })
  }
})
