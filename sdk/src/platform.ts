/**
 * `parsec-web/platform`: sections on something other than a browser, which lends its WebRTC, its WebSocket and its storage.
 * No module of Node: what a platform offers is the lender's to import.
 */
export { joinSectionOn } from './runtime/join.ts'
export type { Platform, PlatformStorage } from './runtime/platform.ts'
export {
  checkValueSize,
  createMemoryLocks,
  type DamagedRecord,
  type IdentityRecord,
  type IdentityRecords,
  type LoadedEvents,
  type Locks,
  type Store,
  type StoredEvent,
  StoreError,
  type StoreErrorCode,
  valueBytesMax,
} from './store/index.ts'
export type { WebSocketConstructor, WebSocketLike } from './transport/signaling/server-path.ts'
export type { WebRtcImplementation } from './transport/webrtc/connection.ts'
