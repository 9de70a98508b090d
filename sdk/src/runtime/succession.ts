/** When a section came to an end and somebody re-formed it: what another section's genesis has to do with ours. Pure. */
import type { Hash, PeerId } from '../core/gossip/event.ts'
import type { Parsec } from '../core/options.ts'
import type { Genesis, PreviousSection } from '../core/section/block.ts'

export interface OwnSection {
  readonly id: Hash
  readonly genesis: Genesis
  readonly core: Parsec
}

/**
 * `successor`: it goes on where ours ended, founded by members of ours and told of by one. `predecessor`: ours goes on
 * where it ended. What only says so is a stranger.
 */
export type Relation = 'successor' | 'predecessor' | 'stranger'

export function relationTo(
  ours: OwnSection,
  theirs: { readonly id: Hash; readonly genesis: Genesis },
  teller: PeerId,
): Relation {
  if (ours.genesis.previousSection?.sectionId === theirs.id) return 'predecessor'
  const place = theirs.genesis.previousSection
  if (place?.sectionId !== ours.id) return 'stranger'
  const { members } = ours.core.ordering.state
  const isOurs = [...theirs.genesis.founders, teller].every((peer) => members.has(peer))
  return isOurs && liesOn(ours, place) ? 'successor' : 'stranger'
}

/** As far as we know our own history; above it we cannot tell. */
function liesOn({ id, core }: OwnSection, { height, blockHash }: PreviousSection): boolean {
  if (height === 0) return blockHash === id
  return height > core.status().height || core.block(height)?.hash === blockHash
}

/** Where our section ends if it is re-formed now: what lies above its last certified block could not be proved to anybody. */
export function endOf({ id, core }: OwnSection): PreviousSection {
  const height = core.status().certifiedHeight
  return { sectionId: id, height, blockHash: core.block(height)?.hash ?? id }
}
