import { describe, expect, test } from 'vitest'
import { accepted, createCheatingDeal, createGroup, flipped, replaced } from '../../../test/coin.ts'
import { createComplaint, judgeComplaint } from './complaint.ts'
import { createDeal } from './deal.ts'
import { CoinInputError } from './input-error.ts'
import type { CoinKey } from './key.ts'
import { complaintBytes } from './limits.ts'

const group = createGroup(4, 'complaints')
const { terms, random } = group
const keys = group.keys as [CoinKey, CoinKey, CoinKey, CoinKey]
const honest = accepted(terms, 0, createDeal({ terms, dealer: 0, random }))
const cheating = accepted(
  terms,
  1,
  createCheatingDeal(group, 1, { share: (receiver, share) => (receiver >= 2 ? flipped(share, 0) : share) }),
)
const complaint = createComplaint(cheating, 2, keys[2], random)

describe('a complaint', () => {
  test.each([
    ['sealed to nobody', () => null],
    ['that is no scalar', () => new Uint8Array(32).fill(255)],
    ['that is off the polynomial', (share: Uint8Array) => flipped(share, 5)],
    ['that is zero', () => new Uint8Array(32)],
  ] as const)('about a share %s convicts the dealer', (_, share) => {
    const deal = accepted(
      terms,
      3,
      createCheatingDeal(group, 3, { share: (receiver, dealt) => (receiver === 0 ? share(dealt) : dealt) }),
    )
    const bytes = createComplaint(deal, 0, keys[0], random)
    expect(bytes).toHaveLength(complaintBytes)
    expect(judgeComplaint(deal, 0, bytes)).toBe('dealerCheated')
  })

  test('about a good share convicts its author', () => {
    expect(judgeComplaint(honest, 2, createComplaint(honest, 2, keys[2], random))).toBe('falseComplaint')
    expect(judgeComplaint(cheating, 0, createComplaint(cheating, 0, keys[0], random))).toBe('falseComplaint')
  })

  test('counts for this deal and this receiver only', () => {
    expect(judgeComplaint(cheating, 2, complaint)).toBe('dealerCheated')
    expect(judgeComplaint(cheating, 3, complaint)).toBe('malformed')
    expect(judgeComplaint(honest, 2, complaint)).toBe('malformed')
  })

  test('cannot be made with another key, to convict an honest dealer', () => {
    expect(() => createComplaint(honest, 2, keys[1], random)).toThrow(CoinInputError)
    const disguised = { secret: keys[1].secret, public: keys[2].public }
    expect(judgeComplaint(honest, 2, createComplaint(honest, 2, disguised, random))).toBe('malformed')
  })

  test('with any field changed is malformed', () => {
    for (const at of [0, 31, 32, 63, 64, 95, 96, 127]) {
      expect(judgeComplaint(cheating, 2, flipped(complaint, at)), `byte ${at}`).toBe('malformed')
    }
    for (const at of [0, 32, 64]) {
      expect(judgeComplaint(cheating, 2, replaced(complaint, at, new Uint8Array(32)))).toBe('malformed')
      expect(judgeComplaint(cheating, 2, replaced(complaint, at, new Uint8Array(32).fill(255)))).toBe('malformed')
    }
    expect(judgeComplaint(cheating, 2, replaced(complaint, 96, new Uint8Array(32).fill(255)))).toBe('malformed')
    expect(judgeComplaint(cheating, 2, new Uint8Array([...complaint, 0]))).toBe('malformed')
    expect(judgeComplaint(cheating, 2, complaint.subarray(1))).toBe('malformed')
  })
})
