/**
 * A member of a section in a Node process. The package imports the public parts of parsec-web only: `parsec-web` and
 * `parsec-web/platform`.
 */
import wrtc from '@roamhq/wrtc'
import { type JoinOptions, ParsecError, type Section } from 'parsec-web'
import { joinSectionOn, type PlatformStorage, StoreError } from 'parsec-web/platform'
import { WebSocket } from 'ws'
import { openLevelStorage } from './storage/storage.ts'

export { openLevelStorage }

export interface PeerOptions extends Omit<JoinOptions, 'storage'> {
  /** Directory of the database; made, for its owner only, where it is missing. One running peer at a time uses it. */
  readonly data: string
}

/**
 * `joinSection` of parsec-web on `@roamhq/wrtc` and a LevelDB database. Rejects with its errors; a database that another
 * process uses, or that cannot be used, is `storage`. The native WebRTC stack keeps handles open: a program that wants to
 * end after `close` calls `process.exit`.
 */
export async function joinSection({ data, ...options }: PeerOptions): Promise<Section> {
  return await joinSectionOn({ storage: await openStorage(data), WebSocket, wrtc }, options)
}

async function openStorage(directory: string): Promise<PlatformStorage> {
  try {
    return await openLevelStorage(directory)
  } catch (error) {
    if (error instanceof StoreError) throw new ParsecError('storage', error.message, { cause: error })
    throw error
  }
}
