import { expect, test } from 'vitest'
import { describeStore } from '../../test/store-contract.ts'
import { createMemoryStore } from './memory.ts'

describeStore('in memory', async () => createMemoryStore())

test('a store in memory says that it does not last', () => {
  expect(createMemoryStore().persistent).toBe(false)
})
