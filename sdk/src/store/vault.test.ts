import 'fake-indexeddb/auto'
import { expect, test, vi } from 'vitest'
import { describeIndexedDbVault, describeLocks, describeVault } from '../../test/vault-contract.ts'
import { createMemoryLocks, webLocks } from './locks.ts'

const shared = createMemoryLocks()
describeLocks('in memory', () => shared)
describeVault('locks in memory', () => shared)
describeIndexedDbVault('locks in memory', () => shared)

test('a platform without Web Locks has none', () => {
  vi.stubGlobal('navigator', {})
  expect(webLocks()).toBeNull()
  vi.unstubAllGlobals()
})
