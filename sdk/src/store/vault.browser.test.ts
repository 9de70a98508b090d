import { describeIndexedDbVault, describeLocks, describeVault } from '../../test/vault-contract.ts'
import { webLocks } from './locks.ts'

describeLocks('of the browser', () => webLocks())
describeVault('Web Locks', () => webLocks())
describeIndexedDbVault('Web Locks', () => webLocks())
