/** The cores of a recorded section, without anything of how it was recorded: runs in browsers, too. */
import type { PeerId } from '../src/core/gossip/event.ts'
import type { Parsec } from '../src/core/options.ts'
import { createParsec } from '../src/core/parsec.ts'
import type { Genesis } from '../src/core/section/block.ts'
import { createHashing } from '../src/wire/hashing.ts'

export function recordedPeers(voters: number): PeerId[] {
  return Array.from({ length: voters }, (_, i) => (i + 1).toString(16).padStart(2, '0').repeat(32))
}

/** Somebody who is no member and only looks on. */
export const watcher: PeerId = 'ff'.repeat(32)

/** A core that holds nothing yet. */
export function createRecordedCore(voters: number, self: PeerId): Parsec {
  const genesis: Genesis = {
    founders: recordedPeers(voters),
    createdAtMs: 0,
    salt: '00'.repeat(32),
    previousSection: null,
    maxVoters: voters,
  }
  return createParsec({ self, genesis, hashing: createHashing(), voterPolicy: 'fixed' })
}
