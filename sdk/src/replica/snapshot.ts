/** Snapshots: what is kept of a final state, and what of it is believed. */
import type { FinalBlock } from '../index.ts'
import type { Final } from './application.ts'
import type { Freezer } from './freeze.ts'
import { stateHash } from './state-hash.ts'
import type { Origin, Snapshot } from './types.ts'

export function snapshotKey({ sectionId }: Origin, name: string): string {
  return `${sectionId} ${name}`
}

export function snapshotOf({ state, height, blockHash, counted }: Final<unknown>, version: number | string): Snapshot {
  return { version, height, blockHash, counted, state, hash: stateHash(state) }
}

/** Null for what is damaged, of another version, or not of this section's blocks. */
export async function restoredFrom<State>(
  loaded: unknown,
  version: number | string,
  freezer: Freezer,
  blockAt: (height: number) => Promise<FinalBlock | undefined>,
): Promise<Final<State> | null> {
  if (!isSnapshot(loaded) || loaded.version !== version) return null
  const block = await blockAt(loaded.height)
  if (block?.hash !== loaded.blockHash || !isIntact(loaded, freezer)) return null
  const { timeMs, voters, members, height, hash } = block
  return { state: loaded.state as State, height, timeMs, voters, members, blockHash: hash, counted: loaded.counted }
}

function isSnapshot(loaded: unknown): loaded is Snapshot {
  if (typeof loaded !== 'object' || loaded === null) return false
  const { height, counted, blockHash, hash } = loaded as Record<string, unknown>
  return (
    [height, counted].every((count) => Number.isSafeInteger(count) && (count as number) >= 0) &&
    typeof blockHash === 'string' &&
    typeof hash === 'string' &&
    'state' in loaded
  )
}

function isIntact({ state, hash }: Snapshot, freezer: Freezer): boolean {
  try {
    freezer.state(state)
    return stateHash(state) === hash
  } catch {
    return false
  }
}
