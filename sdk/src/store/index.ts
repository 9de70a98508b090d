/** Keeps events, values and identities, as opaque bytes. May import idb and @noble/hashes, and nothing else of ours. */
export type { IdentityRecord, IdentityRecords } from './identity-records.ts'
export { openIndexedDbStore } from './indexeddb.ts'
export { createMemoryLocks, type Locks, webLocks } from './locks.ts'
export { createMemoryStore } from './memory.ts'
export {
  checkValueSize,
  type DamagedRecord,
  type LoadedEvents,
  ownTipName,
  type Store,
  type StoredEvent,
  StoreError,
  type StoreErrorCode,
  valueBytesMax,
} from './port.ts'
export {
  type ClaimedIdentity,
  type ClaimOptions,
  type IdentityVault,
  type KeyForm,
  type OpenedKey,
  openIdentityVault,
  type VaultKey,
  type VaultOptions,
} from './vault.ts'
