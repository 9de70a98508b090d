/** What can be read off a core between two steps. Imports the core only. */
import { isCurrent } from './coin/epochs.ts'
import type { SectionCoin } from './coin/section-coin.ts'
import type { Hash, PeerId } from './gossip/event.ts'
import type { CoinStatus, SectionStatus } from './options.ts'
import type { Ordering } from './section/ordering.ts'
import type { AgreedState } from './section/state.ts'
import { faultsTolerated, supermajorityOf } from './thresholds.ts'

export interface StatusSources {
  readonly self: PeerId
  readonly sectionId: Hash
  readonly ordering: Ordering
  readonly coin: SectionCoin
  readonly certifiedHeight: number
  readonly isReachable: (peer: PeerId) => boolean
  /** Own transactions that are not final. */
  readonly pending: number
  readonly waiting: number
}

export function sectionStatus(sources: StatusSources): SectionStatus {
  const { self, sectionId, ordering, certifiedHeight, pending, waiting } = sources
  const { state } = ordering
  const isOnline = (peer: PeerId) => peer === self || sources.isReachable(peer)
  return {
    sectionId,
    height: state.height,
    certifiedHeight,
    membership: membershipOf(state, self),
    members: [...state.members].map(([peer, since]) => ({
      peer,
      voter: state.voters.includes(peer),
      online: isOnline(peer),
      since,
    })),
    needed: supermajorityOf(state.voters.length),
    reachable: state.voters.filter(isOnline).length,
    pending,
    waiting,
    coin: coinStatus(state, sources.coin.flips),
  }
}

function membershipOf(state: AgreedState, peer: PeerId): SectionStatus['membership'] {
  if (state.voters.includes(peer)) return 'voter'
  if (state.members.has(peer)) return 'member'
  return state.memberSince.has(peer) ? 'removed' : 'outside'
}

function coinStatus({ coin, voters }: AgreedState, flips: number): CoinStatus {
  const epoch = coin.serving?.terms.epoch ?? null
  if (faultsTolerated(voters.length) === 0) return { state: 'none', epoch, flips }
  return { state: isCurrent(coin, voters) ? 'active' : 'forming', epoch, flips }
}
