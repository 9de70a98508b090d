import { describe, expect, test } from 'vitest'
import { FLIP_POSITION } from '../../src/core/meta-voting/section-vote.ts'
import { FALSE, TRUE, type Value } from '../../src/core/meta-voting/stage.ts'
import { exploreStage } from './explore.ts'
import { createMoves } from './moves.ts'
import { type ExploredRules, sectionRules, withoutAuxQuorum, withoutStrongSight } from './rules.ts'

const statesMax = 50_000
const limit = { timeout: 240_000 }
const voter = (estimate: Value) => ({ estimate, decision: 0 }) as const
const decided = (decision: Value) => ({ estimate: 0, decision }) as const

const kindsOf = (rules: ExploredRules, position: number, until?: 'steerable') => {
  const kind = { position, falseFirst: false, rules }
  const limits = { statesMax, ...(until ? { until } : {}) }
  const found = exploreStage(kind, createMoves(kind), [voter(TRUE), voter(TRUE), voter(FALSE)], limits)
  expect(found.isCut).toBe(false)
  return found.faults.map((fault) => fault.kind).sort()
}

describe('four voters, one of whom forks, in every schedule of one stage', () => {
  test('no two correct voters come to opposite outcomes', limit, () => {
    expect(kindsOf(sectionRules, 0)).toEqual([])
    expect(kindsOf(sectionRules, 1)).toEqual([])
  })

  test('once a correct voter’s share of the coin may be out, one value at most can still come out', limit, () => {
    expect(kindsOf(sectionRules, FLIP_POSITION)).toEqual([])
  })

  test('both still can where auxiliary values count that are not strongly seen', limit, () => {
    expect(kindsOf(withoutStrongSight, FLIP_POSITION, 'steerable')).toContain('steerable')
  })

  test('both still can where an outcome does not wait for a supermajority of auxiliary values', limit, () => {
    expect(kindsOf(withoutAuxQuorum, FLIP_POSITION, 'steerable')).toContain('steerable')
  })

  test('whoever meets a decision adopts it', () => {
    const kind = { position: 0, falseFirst: false, rules: sectionRules }
    const found = exploreStage(kind, createMoves(kind), [decided(TRUE), voter(TRUE), voter(TRUE)], { statesMax })
    expect(found.faults).toEqual([])
    expect(found.exits.some((exits) => exits.every(({ decision }) => decision === TRUE))).toBe(true)
  })
})
