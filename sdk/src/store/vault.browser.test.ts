import { expect, test } from 'vitest'
import { describeIndexedDbVault, describeLocks, describeVault } from '../../test/vault-contract.ts'
import { webLocks } from './locks.ts'

describeLocks('of the browser', () => webLocks())
describeVault('Web Locks', () => webLocks())
describeIndexedDbVault('Web Locks', () => webLocks())

test('Web Locks are waited for until they are let go, for as long as was said', async () => {
  const locks = webLocks()
  const letGo = await locks?.tryAcquire('awaited')
  expect(await locks?.tryAcquire('awaited', 1)).toBeNull()
  const awaited = locks?.tryAcquire('awaited', 60_000)
  await letGo?.()
  const letGoAgain = await awaited
  expect(letGoAgain).toBeTypeOf('function')
  expect(await locks?.tryAcquire('awaited')).toBeNull()
  await letGoAgain?.()
})
