/**
 * Cheats with the coin: deals that do not verify, or that cheat some holders in secret, false complaints, bad shares,
 * and silence where a share is owed: one vice or all of them, drawn anew at every occasion.
 * Can: do so under its own key, in any epoch. Cannot: learn a coin before a correct voter lets go of its share.
 */
import type { CoinCrypto } from '../../src/core/coin/port.ts'
import type { CoinParty } from '../coin/coin-party.ts'
import type { Random } from '../random.ts'
import type { Adversary } from './adversary.ts'

/** It meddles with nothing but the coin that its core is lent. */
export const badCoin = (): Adversary => ({})

export function cheatingCoin(party: CoinParty, random: Random): CoinCrypto {
  const { coin } = party
  const boldness = random.float()
  // One that is expelled for its deal never comes to cheat with a share.
  const vice = random.pick(['deal', 'complaint', 'share', 'any'])
  const cheats = (occasion: 'deal' | 'complaint' | 'share') =>
    (vice === 'any' || vice === occasion) && random.chance(boldness)
  return {
    ...coin,
    deal(terms) {
      if (!cheats('deal')) return coin.deal(terms)
      if (random.chance(0.3)) return new Uint8Array(8)
      const victims = terms.holders.map(({ peer }) => peer).filter(() => random.chance(0.5))
      return party.cheatingDeal(terms, victims)
    },
    complaint: (terms, dealt) => (cheats('complaint') ? party.complain(terms, dealt) : coin.complaint(terms, dealt)),
    share(source, toss) {
      if (!cheats('share')) return coin.share(source, toss)
      return random.chance(0.5) ? party.badShare(source, toss) : null
    },
  }
}
