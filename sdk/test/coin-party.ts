/** Voters with the real coin that can also cheat: for tests and benchmarks. */

import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { CoinParty } from '../sim/coin/coin-party.ts'
import type { CoinTerms } from '../src/core/coin/port.ts'
import type { PeerId } from '../src/core/gossip/event.ts'
import { createCoinCrypto, type SteppedCoinCrypto } from '../src/crypto/coin/coin-crypto.ts'
import { createComplaint } from '../src/crypto/coin/complaint.ts'
import { dealTermsOf, memberSecretFrom } from '../src/crypto/coin/statements.ts'
import { accepted, createCheatingDeal, flipped, seededRandom } from './coin.ts'

export interface RealParty extends CoinParty {
  readonly coin: SteppedCoinCrypto
}

/** The secret follows from the peer and its life. */
export function createRealParty(peer: PeerId, life = 0): RealParty {
  const secret = sha256(concatBytes(utf8ToBytes(`${peer} ${life}`)))
  const { key } = memberSecretFrom(secret)
  const coin = createCoinCrypto({ self: peer, secret })
  const indexOf = ({ holders }: CoinTerms, of: PeerId) => holders.findIndex((holder) => holder.peer === of)
  return {
    peer,
    coin,
    cheatingDeal(terms, victims) {
      const group = { keys: [], terms: dealTermsOf(terms), random: seededRandom(`${peer} cheats ${terms.epoch}`) }
      const marked = new Set(victims.map((victim) => indexOf(terms, victim)))
      return createCheatingDeal(group, indexOf(terms, peer), {
        share: (receiver, honest) => (marked.has(receiver) ? flipped(honest, 0) : honest),
      })
    },
    complain(terms, { dealer, deal }) {
      const checked = accepted(dealTermsOf(terms), indexOf(terms, dealer), deal)
      return createComplaint(checked, indexOf(terms, peer), key, seededRandom(`${peer} complains`))
    },
    badShare(source, toss) {
      const share = coin.share(source, toss)
      if (share === null) throw new Error('no share to spoil')
      // The least bit of the response, so that all of it stays canonical.
      return flipped(share, 96)
    },
  }
}
