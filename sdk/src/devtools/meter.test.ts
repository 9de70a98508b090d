import { describe, expect, test } from 'vitest'
import type { Inspection } from '../index.ts'
import { createMeter, median } from './meter.ts'
import { niceAbove } from './plot.ts'

const nothing: Inspection = {
  ...{ version: 1, sectionId: '', reset: false, skipped: 0 },
  ...{ events: [], roles: [], elections: [], blocks: [] },
}
const links = { rttMs: 12, reachable: 3 }
const block = (finalAtMs: number | null, ...events: string[]) => ({ height: 1, finalAtMs, events })

describe('a meter', () => {
  test('tells the median time from creation to finality of each second', () => {
    const meter = createMeter()
    meter.pass(0, links)
    meter.apply(
      { ...nothing, blocks: [block(1_100, 'a', 'b', 'c', 'unknown'), block(null, 'a')] },
      (id) => ({ a: 1_000, b: 900, c: 400 })[id],
    )
    meter.pass(1_000, links)
    expect(meter.seconds).toEqual([
      { events: 0, transactions: 0, blocks: 2, latencyMs: 200, links },
      { events: 0, transactions: 0, blocks: 0, latencyMs: null, links: { rttMs: null, reachable: 0 } },
    ])
  })

  test('keeps two minutes, and does not catch up with a page that slept', () => {
    const meter = createMeter()
    for (let second = 0; second < 300; second++) meter.pass(second * 1_000, links)
    expect(meter.seconds.length).toBe(120)
    meter.pass(1e9, links)
    meter.pass(1e9 + 1_000, links)
    expect(meter.seconds.length).toBe(120)
  })

  test('does not count what was there before', () => {
    const meter = createMeter()
    meter.apply({ ...nothing, reset: true, blocks: [block(5, 'a')] }, () => 0)
    expect(meter.seconds[0]).toMatchObject({ blocks: 0, latencyMs: null })
  })
})

test('a plot ends at one, two or five times a power of ten', () => {
  expect([1, 1.5, 3, 70, 101, 0.4].map(niceAbove)).toEqual([1, 2, 5, 100, 200, 0.5])
})

test('there is no median of nothing', () => expect(median([])).toBe(null))
