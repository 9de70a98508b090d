import { expect, test } from 'vitest'
import { type Results, withTables } from './documents.ts'

const core: Results = {
  suite: 'core',
  machine: {
    date: '2026-11-28T12:00:00.000Z',
    node: 'v20.20.2',
    cpus: 2,
    model: 'AMD EPYC',
    os: 'linux 6.18',
    memoryGiB: 24,
    loadAverage: 0.34,
  },
  settings: { seed: 1 },
  tables: [{ title: 'Events', columns: ['n', 'µs'], rows: [[4, '12.3']] }],
}
const before =
  '# Title\n<!-- measured: core -->\nold\n<!-- /measured -->\nwords\n<!-- measured: sim -->\nkept\n<!-- /measured -->\n'
const after = withTables(before, (suite) => (suite === 'core' ? core : null))

test('a region shows the tables of its suite, with date and machine', () => {
  expect(after).toBe(`# Title
<!-- measured: core -->
Measured 28 November 2026 at 12:00 UTC on 2 × AMD EPYC, 24 GiB, linux 6.18, Node v20.20.2, load average 0.3 at the start; {"seed":1}

**Events**

| n   | µs   |
| --- | ---- |
| 4   | 12.3 |
<!-- /measured -->
words
<!-- measured: sim -->
kept
<!-- /measured -->
`)
})

test('writing the same results once more changes nothing', () => {
  expect(withTables(after, (suite) => (suite === 'core' ? core : null))).toBe(after)
})
