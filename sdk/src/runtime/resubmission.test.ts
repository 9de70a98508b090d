import { expect, test } from 'vitest'
import { createParsec } from '../core/parsec.ts'
import { createHashing } from '../wire/index.ts'
import { notSaidYet } from './resubmission.ts'

test('of what was submitted, only what stands in no own event is submitted again', () => {
  const self = 'a'.repeat(64)
  const core = createParsec({
    self,
    genesis: { founders: [self], createdAtMs: 0, salt: '0'.repeat(64), previousSection: null, maxVoters: 13 },
    hashing: createHashing(),
    voterPolicy: 'grow',
  })
  const submission = (...bytes: number[]) => ({ transactions: [Uint8Array.from(bytes)], draw: false })
  expect(notSaidYet(core.ordering, self, [submission(1)])).toEqual([submission(1)])
  core.step({ kind: 'submit', nowMs: 1, ...submission(1) })
  expect(notSaidYet(core.ordering, self, [submission(1), submission(1, 1), submission(2)])).toEqual([
    submission(1, 1),
    submission(2),
  ])
})
