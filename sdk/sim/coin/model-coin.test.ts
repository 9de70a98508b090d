import { describe, expect, test } from 'vitest'
import { describeCoinContract } from '../../test/coin-contract.ts'
import { createModelCoins } from './model-coin.ts'

const coins = createModelCoins(1)

describeCoinContract('the model of the coin', (peer, life) => coins.party(peer, life))

describe('the model of the coin', () => {
  test('is the same for the same seed and another for another', () => {
    const keyIn = (seed: number) => createModelCoins(seed).party('ab'.repeat(32)).coin.registration().key
    expect(keyIn(1)).toBe(keyIn(1))
    expect(keyIn(1)).not.toBe(keyIn(2))
  })
})
