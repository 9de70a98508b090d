/** The identities of a room, in a part of a database. */
import { deserialize, serialize } from 'node:v8'
import type { IdentityRecords } from 'parsec-web/platform'
import { below, change, type Database, databaseError } from './database.ts'
import { seal, unseal } from './sealed.ts'

/** Each under `prefix` and its public key: the record's structured clone, sealed under that key. `prefix` ends with a slash. */
export function levelIdentityRecords(database: Database, prefix: string): IdentityRecords {
  const run = async <T>(operation: () => Promise<T>): Promise<T> => {
    try {
      return await operation()
    } catch (error) {
      throw databaseError(error)
    }
  }
  return {
    all: () =>
      run(async () => {
        const entries = await database.iterator(below(prefix)).all()
        return entries.map(([key, sealed]) => {
          const peer = key.slice(prefix.length)
          return { peer, record: recordOf(peer, sealed) }
        })
      }),
    read: (peer) =>
      run(async () => {
        const sealed = await database.get(prefix + peer)
        return sealed === undefined ? undefined : recordOf(peer, sealed)
      }),
    put: (peer, record) =>
      run(() => change(database, [{ type: 'put', key: prefix + peer, value: seal(peer, serialize(record)) }])),
    delete: (peer) => run(() => change(database, [{ type: 'del', key: prefix + peer }])),
  }
}

/** Undefined for what is damaged. */
function recordOf(peer: string, sealed: Uint8Array): unknown {
  const bytes = unseal(peer, sealed)
  return bytes === null ? undefined : deserialize(bytes)
}
