/** The fixed slice of the simulator that runs with every change. `npm run sim` runs as many seeds as one likes. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createParsec } from '../src/core/parsec.ts'
import { adversaryKinds } from './adversaries/catalogue.ts'
import type { Scenario } from './scenario.ts'
import { mixedScenario } from './scenarios/mixed.ts'
import { defaultSettings, type Settings, scenarioOf } from './scenarios/settings.ts'
import { simulate } from './simulate.ts'

const run = (scenario: Scenario) => simulate(scenario, { createCore: createParsec })
const settings = (more: Partial<Settings>, seed = 1, kinds = adversaryKinds.slice(0, 1)) =>
  scenarioOf({ ...defaultSettings, loadDelta: 100, ...more }, seed, () => kinds)
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]
const limitMs = 60_000

describe('the slice', () => {
  test('gives the same trace twice', { timeout: limitMs }, async () => {
    const scenario = mixedScenario(3)
    expect((await run(scenario)).traceHash).toBe((await run(scenario)).traceHash)
  })

  test('runs the same world on canonical bytes as on the cheap hashing’s, without a violation', {
    timeout: limitMs,
  }, async () => {
    const scenario = settings({ peers: 4, hash: 'wire', byzantine: 1 }, 5, ['forkMany'])
    expect((await run(scenario)).violations).toEqual([])
  })

  test.each(Array.from({ length: 24 }, (_, index) => index + 1))(
    'mixed seed %i holds',
    { timeout: limitMs },
    async (seed) => {
      expect((await run(mixedScenario(seed))).violations).toEqual([])
    },
  )

  test.each(adversaryKinds)(
    'a third of adversaries of the kind %s break nothing',
    { timeout: limitMs },
    async (kind) => {
      expect((await run(settings({ peers: 4, byzantine: 1, loadDelta: 60 }, 11, [kind]))).violations).toEqual([])
    },
  )

  const regressions = new URL('./regressions/', import.meta.url)
  test.each(readdirSync(regressions).filter((name) => name.endsWith('.json')))(
    '%s stays mended',
    { timeout: limitMs },
    async (name) => {
      const scenario = JSON.parse(readFileSync(new URL(name, regressions), 'utf8')) as Scenario
      expect((await run(scenario)).violations).toEqual([])
    },
  )
})

describe('the promises of speed', () => {
  test('an isolated transaction under fixed delay is final everywhere within 5.2 δ, n = 7 and 16', {
    timeout: limitMs,
  }, async () => {
    for (const peers of [7, 16]) {
      // The first of the four comes while the coin's first key is made.
      const { metrics, violations } = await run(settings({ peers, delay: 'fixed', load: 'isolated', loadDelta: 240 }))
      expect(violations).toEqual([])
      expect(median(metrics.finalityDelta)).toBeLessThanOrEqual(5.2)
    }
  })

  test('an idle section without a coin key to make creates no event', { timeout: limitMs }, async () => {
    expect((await run(settings({ peers: 7, load: 'none', coin: 'hash' }))).metrics.events).toBe(0)
  })
})
