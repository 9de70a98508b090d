/** What a tab tells its neighbours of the section that it lives in. Imports core and wire types only. */
import type { PeerId } from '../core/gossip/event.ts'
import type { PeerMessage } from '../wire/index.ts'
import type { Home } from './residing.ts'

export type Claim = Extract<PeerMessage, { kind: 'section' }>

export function claimOf(home: Home | null, me: PeerId): Claim {
  const core = home?.engine.core.status()
  return {
    kind: 'section',
    sectionId: home?.id ?? null,
    genesis: home?.genesis ?? null,
    height: core?.height ?? 0,
    voters: core?.members.filter((member) => member.voter).length ?? 0,
    members: core?.members.length ?? 0,
    hasHistory: hasHistory(home, me),
  }
}

/** A section yields while it is ours alone and nothing is final in it; one that others let us into never does. */
export function hasHistory(home: Home | null, me: PeerId): boolean {
  if (!home) return false
  const { founders, previousSection } = home.genesis
  return home.engine.core.status().height > 0 || founders.length > 1 || founders[0] !== me || previousSection !== null
}
