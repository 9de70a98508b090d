import { describe, expect, test } from 'vitest'
import type { Output } from '../src/core/io.ts'
import type { Parsec, ParsecOptions } from '../src/core/options.ts'
import type { Scenario } from './scenario.ts'
import { defaultSettings, type Settings, scenarioOf } from './scenarios/settings.ts'
import { shrink } from './shrink.ts'
import { simulate } from './simulate.ts'
import { createSequencer } from './test/sequencer.ts'

const scenario = (settings: Partial<Settings> = {}, more: Partial<Scenario> = {}): Scenario => ({
  ...scenarioOf(
    { ...defaultSettings, peers: 4, delay: 'fixed', load: 'sparse', loadDelta: 100, ...settings },
    7,
    () => ['silence'],
  ),
  ...more,
})

/** The sequencer, with one thing wrong about what it answers. */
const broken =
  (spoil: (output: Output, options: ParsecOptions, core: Parsec) => Output) =>
  (options: ParsecOptions): Parsec => {
    const core = createSequencer(options)
    return { ...core, step: (input) => spoil(core.step(input), options, core) }
  }

const checkersThatFail = async (createCore: (options: ParsecOptions) => Parsec, one = scenario()) =>
  (await simulate(one, { createCore })).violations.map((violation) => violation.checker)

const isFirst = ({ self, genesis }: ParsecOptions) => self === genesis.founders[1]

describe('a run', () => {
  test('gives one trace for one seed, another for another', async () => {
    const trace = async (seed: number) =>
      (await simulate({ ...scenario({ delay: 'heavy' }), seed }, { createCore: createSequencer })).traceHash
    expect(await trace(1)).toBe(await trace(1))
    expect(await trace(1)).not.toBe(await trace(2))
  })

  test('measures finality in δ: one there, one back', async () => {
    const { violations, metrics } = await simulate(scenario(), { createCore: createSequencer })
    expect(violations).toEqual([])
    expect(metrics.transactions).toBeGreaterThan(10)
    expect(Math.max(...metrics.finalityDelta)).toBe(2)
    expect(metrics.finalityDelta).toHaveLength(metrics.transactions)
  })

  test('survives loss, duplicates, crashes at every point, partitions, sleep: the network and the hosts lose nothing stored', async () => {
    const points = ['afterStep', 'afterSign', 'afterPersist', 'amidSend', 'afterSend'] as const
    for (const point of points) {
      const faults: Scenario['faults'] = [
        { kind: 'crash', slot: 0, atMs: 2000, point, downMs: 700 },
        { kind: 'crash', slot: 1, atMs: 3000, point, downMs: 700 },
        { kind: 'partition', slots: [0, 1], atMs: 4000, untilMs: 5000, manner: 'cut' },
        { kind: 'partition', slots: [2], atMs: 4500, untilMs: 5500, manner: 'stallInbound' },
        { kind: 'frozen', slot: 3, atMs: 6000, untilMs: 7000 },
        { kind: 'throttled', slot: 3, atMs: 7000, untilMs: 8000 },
      ]
      const weather = { delay: 'heavy', lossRate: 0.02, duplicateRate: 0.1 } as const
      const one = scenario(weather, { faults, persistMs: 3 })
      expect((await simulate(one, { createCore: createSequencer })).violations).toEqual([])
    }
  })
})

describe('a checker', () => {
  test('agreement fails when two correct hosts report different blocks', async () => {
    const spoiled = broken((output, options) => {
      if (!isFirst(options)) return output
      const blocks = output.blocks.map((block) => ({ ...block, timeMs: block.timeMs + 1 }))
      return { ...output, blocks: blocks.map((block) => ({ ...block, hash: options.hashing.block(block) })) }
    })
    expect(await checkersThatFail(spoiled)).toContain('agreement')
  })

  test('chain fails when a height is left out', async () => {
    const spoiled = broken((output, options) =>
      isFirst(options) ? { ...output, blocks: output.blocks.filter((block) => block.height !== 2) } : output,
    )
    expect(await checkersThatFail(spoiled)).toContain('chain')
  })

  test('durability fails when something is sent that was not stored', async () => {
    expect(await checkersThatFail(broken((output) => ({ ...output, persist: [] })))).toContain('durability')
  })

  test('no fork by a correct peer fails when a number is used twice', async () => {
    const spoiled = broken((output, { hashing, ...options }) => {
      if (!isFirst({ hashing, ...options })) return output
      const twice = output.drafts.flatMap((draft) => {
        const { id: _, ...content } = { ...draft, createdAtMs: draft.createdAtMs + 1 }
        return [draft, { ...content, id: hashing.event(content) }]
      })
      return {
        ...output,
        drafts: twice,
        persist: [...output.persist, ...twice.filter((one) => !output.drafts.includes(one))],
      }
    })
    expect(await checkersThatFail(spoiled)).toContain('no fork by a correct peer')
  })

  test('inclusion fails when blocks do not come', async () => {
    expect(await checkersThatFail(broken((output) => ({ ...output, blocks: [] })))).toContain('inclusion')
  })

  test('certificates fail when a height is certified without attestations', async () => {
    const spoiled = broken((output, _options, core) => ({ ...output, certifiedHeight: core.status().height }))
    expect(await checkersThatFail(spoiled)).toContain('certificates')
  })

  test('no false accusation fails on evidence against a correct peer', async () => {
    const spoiled = broken((output, { genesis }) => ({
      ...output,
      evidence: [{ kind: 'falseAttestation', accused: genesis.founders[0] as string, evidence: ['00'] }],
    }))
    expect(await checkersThatFail(spoiled)).toContain('no false accusation')
  })

  test('votes fails when a block holds a vote that nobody cast', async () => {
    const spoiled = broken((output, { hashing }) => {
      const observations = [{ kind: 'vote', value: new Uint8Array([1]) }] as const
      const blocks = output.blocks.map((block) => ({ ...block, observations }))
      return { ...output, blocks: blocks.map((block) => ({ ...block, hash: hashing.block(block) })) }
    })
    expect(await checkersThatFail(spoiled)).toContain('votes')
  })

  test('no exception fails when step throws', async () => {
    const spoiled = broken(() => {
      throw new Error('deliberate')
    })
    expect(await checkersThatFail(spoiled)).toContain('no exception')
  })

  test('quiescence fails when events are created for ever', async () => {
    const restless = (options: ParsecOptions): Parsec => {
      const core = createSequencer(options)
      const step: Parsec['step'] = (input) => {
        const output = core.step(
          input.kind === 'timer' ? { kind: 'submit', nowMs: input.nowMs, transactions: [] } : input,
        )
        return { ...output, nextTimerMs: input.nowMs + 1000 }
      }
      return { ...core, step }
    }
    expect(await checkersThatFail(restless)).toContain('quiescence')
  })
})

test('shrinking keeps the failure and drops what it does not need', async () => {
  const spoiled = broken((output, options) =>
    isFirst(options) ? { ...output, blocks: output.blocks.filter((block) => block.height !== 2) } : output,
  )
  const failureOf = async (one: Scenario) =>
    (await simulate(one, { createCore: spoiled })).violations[0]?.checker ?? null
  const faults: Scenario['faults'] = [{ kind: 'frozen', slot: 3, atMs: 6000, untilMs: 7000 }]
  const small = await shrink(scenario({ delay: 'wan' }, { faults }), { failureOf, triesMax: 300, onProgress: () => {} })
  expect(await failureOf(small)).toBe('chain')
  expect(small.faults).toEqual([])
  expect(small.submissions.length).toBeLessThanOrEqual(3)
  expect(small.delay).toBe('fixed')
})
