import { expect, test } from 'vitest'
import { createModelCoins } from '../../../sim/coin/model-coin.ts'
import { createCoreNetwork } from '../../../test/cores.ts'
import { peerId } from '../../../test/notation.ts'
import { MAX_DRAWS_PER_EVENT } from './duties.ts'
import { advanceCoin, noCoin } from './epochs.ts'

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

test('shares of many random values go out a few with each event, and all of them do', () => {
  const network = createCoreNetwork('ABCD')
  for (const name of 'ABCD') network.start(name, { coinCrypto: coins.party(peerId(name)).coin })
  network.connect('ABCD')
  network.run(5_000)
  for (let i = 0; i < 8; i++) {
    network.put('A', { kind: 'submit', transactions: [new Uint8Array([i])] })
    network.run(1_000)
  }
  const height = network.blocks('A').length
  const heights = Array.from({ length: height }, (_, i) => i + 1)
  for (const each of heights) network.put('B', { kind: 'draw', height: each })
  network.run(10_000)
  const posted = [...'ABCD'].flatMap((name) => network.created(name).map(({ body }) => body.coin?.shares.length ?? 0))
  expect(Math.max(...posted)).toBe(MAX_DRAWS_PER_EVENT)
  for (const each of heights) expect(network.core('B').randomness(each)).toMatchObject({ isFair: true })
})
