/** Bytes of version 1. A change here breaks every section that is alive: it needs a new version, not new vectors. */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { expect, test } from 'vitest'
import { accepted, createCheatingDeal, createEpoch, createGroup } from '../../../test/coin.ts'
import { coinBit, coinShare, combineShares, verifyCoinShares } from './coin.ts'
import { createComplaint } from './complaint.ts'
import { createDeal } from './deal.ts'
import type { EpochShare } from './epoch-key.ts'
import { type CoinKey, proveCoinKey } from './key.ts'

const digest = (bytes: Uint8Array) => bytesToHex(sha256(bytes))
const group = createGroup(4, 'golden', 'epoch 1')
const { terms, random } = group
const keys = group.keys as readonly [CoinKey, CoinKey, CoinKey, CoinKey]
const epoch = createEpoch(group)
const message = utf8ToBytes('election 1, round 0')

test('a coin key and its proof', () => {
  expect(bytesToHex(keys[0].secret)).toMatchInlineSnapshot(
    `"13beddd102f6e9ce0d9d3852bd3e2a7053584f6543770f40bb95d6c84900ff0a"`,
  )
  expect(keys[0].public).toMatchInlineSnapshot(`"e8b55cb2661a830f1701e3483892beef88adcf7ed42dca0f16692d6906d65626"`)
  expect(bytesToHex(proveCoinKey(keys[0], utf8ToBytes('owner'), () => new Uint8Array(32)))).toMatchInlineSnapshot(
    `"806ecc8ddc3aff1d8df154b8db24f67fdcb7e8ea14c9f6810be09c31f05d2f6855c475b016b9990d8bc0a9ec346b06d7a81792d9db662df807a9d79b0980330c"`,
  )
})

test('the terms of an epoch', () => {
  expect(bytesToHex(terms.hash)).toMatchInlineSnapshot(
    `"90fc12ae36af075989fb35002a662109502ec87a1db495500a090ad3a4d3d01c"`,
  )
})

test('a deal, by SHA-256', () => {
  const { random: again } = createGroup(4, 'golden', 'epoch 1')
  expect(digest(createDeal({ terms, dealer: 0, random: again }))).toMatchInlineSnapshot(
    `"ef0aa6f727c2841490dad0fbb4ef25fcbf43edea012edea71b94d0a25dd43a4d"`,
  )
})

test('a complaint, by SHA-256', () => {
  const deal = accepted(terms, 3, createCheatingDeal({ ...group, random }, 3, { share: () => null }))
  expect(digest(createComplaint(deal, 1, keys[1], () => new Uint8Array(32)))).toMatchInlineSnapshot(
    `"09bff619a7dc11df414d6dc0018933a1d8077c28708857f245da415c7a32c336"`,
  )
})

test('an epoch’s key and a holder’s share of it', () => {
  expect(epoch.key.id).toMatchInlineSnapshot(`"bf16db04cc4a458600666119aa2d1aef182a93bc710c52b0cec0d13b9ca7211c"`)
  expect(epoch.key.publicKey).toMatchInlineSnapshot(
    `"ee9f9c6ca924275855938c4c68978fbc252f6b44e4b9648df82b1a4f3b21c96d"`,
  )
  expect(bytesToHex((epoch.holders[2] as EpochShare).secret)).toMatchInlineSnapshot(
    `"d2c2060dab77c41065f19288657f54413ddc4951e38e933a02c868826a19f00b"`,
  )
})

test('a coin share, the coin and its bits', () => {
  const shares = epoch.holders.map((own) => ({ index: own.index, bytes: coinShare(own, message) }))
  const coin = combineShares(verifyCoinShares(epoch.key, message, shares).valid)
  expect(bytesToHex(shares[1]?.bytes ?? new Uint8Array())).toMatchInlineSnapshot(
    `"5619b0c796a027220cbacb9191cdc8b2bab25d1659b2bce4072f875d1fd58669b08b7a286474a88de0b2596e8540c57f144153518024dc0040235c6f9ad5272d98cf6b6e39121b8a296160bb75425d625552edef135ef0af462a56cc6c4e3f0f3c42119447d7ddc5f7315d12090a8851dcc74e73d033ebbbc1099597c5d16a0b"`,
  )
  expect(coin).toMatchInlineSnapshot(`"34888e75133b2849ea74a1b76fefd572479efd29c0b4daf1ecee23247221c61f"`)
  expect(keys.map((key) => coinBit(coin, key.public))).toMatchInlineSnapshot(`
    [
      true,
      true,
      false,
      true,
    ]
  `)
})
