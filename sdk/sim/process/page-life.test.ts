import { describe, expect, test } from 'vitest'
import { createParsec } from '../../src/core/parsec.ts'
import type { Observation } from '../../src/core/section/observation.ts'
import { allCheckers } from '../checkers/all.ts'
import type { CreateChecker } from '../checkers/checker.ts'
import type { Fault } from '../scenario.ts'
import { defaultSettings, scenarioOf } from '../scenarios/settings.ts'
import { simulate } from '../simulate.ts'

const closed: Fault = { kind: 'closed', slot: 0, atMs: 8_000, downMs: 3_000 }
const frozen: Fault = { kind: 'frozen', slot: 0, atMs: 8_000, untilMs: 14_000, standsDown: true }
const inputsOf = (founder: readonly string[]) => founder.filter((kind) => kind === 'standDown' || kind === 'wake')

/** The founder votes alone; two others are members. */
async function world(fault: Fault, members = 3) {
  const settings = { ...defaultSettings, genesis: 'grow', peers: members, delay: 'fixed', loadDelta: 150 } as const
  const scenario = { ...scenarioOf(settings, 1, () => []), faults: [fault] }
  const inputs: string[] = []
  const changes: { readonly atMs: number; readonly observation: Observation }[] = []
  const watch: CreateChecker = (seen) => ({
    onOutput(host, input) {
      if (host.slot === 0) inputs.push(input.kind)
    },
    onFirstBlock({ observations }) {
      for (const observation of observations)
        if (observation.kind === 'voters') changes.push({ atMs: seen.nowMs(), observation })
    },
  })
  const { violations } = await simulate(scenario, { createCore: createParsec, checkers: [...allCheckers, watch] })
  return { inputs: inputsOf(inputs), changes, violations }
}

describe('a host whose page goes', () => {
  test.each([closed, frozen])('hands over at once as a sole voter, and wakes when it is back: $kind', async (fault) => {
    const { inputs, changes, violations } = await world(fault)
    expect(inputs).toEqual(['standDown', 'wake'])
    expect(changes.filter(({ atMs }) => atMs === fault.atMs)).toHaveLength(1)
    expect(violations).toEqual([])
  })

  test.each([closed, frozen])('is voted out by the rest, itself included, as one of four: $kind', async (fault) => {
    const { changes, violations } = await world(fault, 4)
    const since = changes.filter(({ atMs }) => atMs >= fault.atMs)
    expect(since[0]?.observation).toMatchObject({ promote: [] })
    expect(violations).toEqual([])
  })

  test('says nothing and wakes by its late timers, where the machine slept', async () => {
    const { inputs, violations } = await world({ ...frozen, standsDown: false })
    expect(inputs).toEqual(['wake'])
    expect(violations).toEqual([])
  })

  test('does not notice a short pause', async () => {
    const { inputs, violations } = await world({ ...frozen, untilMs: 9_000, standsDown: false })
    expect(inputs).toEqual([])
    expect(violations).toEqual([])
  })
})
