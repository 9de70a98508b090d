/**
 * A model of the coin for simulations: the port's answers from hashes, microseconds each, the same for the same seed. Keys,
 * deals and shares are hashes with the world's seed, which stands for what nobody can forge: whoever keeps to this
 * interface, adversaries included, learns a coin from threshold + 1 shares and not before.
 *
 * Not modelled: secrecy of the sealed shares. The bytes of a deal tell whom it cheats; peers that take them for opaque,
 * as the core does, cannot tell.
 */
import { createHash } from 'node:crypto'
import type { CoinTerms, Dealt, KeySource, Toss } from '../../src/core/coin/port.ts'
import type { Hash, PeerId } from '../../src/core/gossip/event.ts'
import type { CoinParty, PromptCoin } from './coin-party.ts'

export interface ModelCoins {
  /** A voter with the secret of this `life`; another life is another secret, as after the loss of one's storage. */
  party(peer: PeerId, life?: number): CoinParty
}

const tagBytes = 32
const good = 0
const bad = 1

export function createModelCoins(seed: number): ModelCoins {
  const tag = (...parts: readonly (string | number | Uint8Array)[]): Buffer => {
    const hash = createHash('sha256').update(`coin ${seed}`)
    for (const part of parts) hash.update(typeof part === 'object' ? part : ` ${part} `)
    return hash.digest()
  }
  const nameOf = createNames(tag)

  const seal = (terms: CoinTerms, dealer: PeerId, marks: Uint8Array) => tag('deal', nameOf.terms(terms), dealer, marks)
  const complaint = (terms: CoinTerms, { dealer, deal }: Dealt, holder: PeerId) =>
    tag('complaint', nameOf.terms(terms), dealer, deal, holder)
  const share = (source: KeySource, toss: Toss, holder: PeerId) =>
    tag('share', nameOf.source(source), tossName(toss), holder)
  const registrationProof = (peer: PeerId, key: string) => tag('registration', peer, key)

  function isDeal(terms: CoinTerms, { dealer, deal }: Dealt): boolean {
    if (deal.length !== tagBytes + terms.holders.length || !isHolder(terms, dealer)) return false
    const marks = deal.subarray(tagBytes)
    return (
      marks.every((mark) => mark === good || mark === bad) &&
      equal(deal.subarray(0, tagBytes), seal(terms, dealer, marks))
    )
  }

  function cheats({ holders }: CoinTerms, { deal }: Dealt, holder: PeerId): boolean {
    return deal[tagBytes + holders.findIndex(({ peer }) => peer === holder)] === bad
  }

  function isShare(source: KeySource, toss: Toss, holder: PeerId, bytes: Uint8Array): boolean {
    return isHolder(source.terms, holder) && equal(bytes, share(source, toss, holder))
  }

  function dealWith(terms: CoinTerms, dealer: PeerId, victims: readonly PeerId[]): Uint8Array {
    const marks = Uint8Array.from(terms.holders, ({ peer }) => (victims.includes(peer) ? bad : good))
    return Uint8Array.from([...seal(terms, dealer, marks), ...marks])
  }

  function coinOf(self: PeerId, key: string): PromptCoin {
    const isOwn = ({ holders }: CoinTerms) => holders.some((holder) => holder.peer === self && holder.key === key)
    return {
      registration: () => ({ key, proof: registrationProof(self, key) }),
      isRegistration: (peer, registered, proof) => equal(proof, registrationProof(peer, registered)),
      deal: (terms) => dealWith(terms, self, []),
      isDeal,
      complaint: (terms, dealt) => (isOwn(terms) && cheats(terms, dealt, self) ? complaint(terms, dealt, self) : null),
      culprit: (terms, dealt, complainer, bytes) =>
        cheats(terms, dealt, complainer) && equal(bytes, complaint(terms, dealt, complainer)) ? 'dealer' : 'complainer',
      share(source, toss) {
        const { terms, deals } = source
        return isOwn(terms) && deals.every((dealt) => !cheats(terms, dealt, self)) ? share(source, toss, self) : null
      },
      areShares: (source, toss, shares) =>
        shares.map(({ holder, share: bytes }) => isShare(source, toss, holder, bytes)),
      combine(source, toss, shares) {
        const valid = shares.filter(({ holder, share: bytes }) => isShare(source, toss, holder, bytes))
        if (new Set(valid.map(({ holder }) => holder)).size <= source.terms.threshold) throw new Error('too few shares')
        return tag('coin', nameOf.source(source), tossName(toss)).toString('hex')
      },
      bit: (coin, subject) => ((tag('bit', coin, subject)[0] as number) & 1) === 1,
    }
  }

  return {
    party(peer, life = 0) {
      const key = tag('key', peer, life).toString('hex')
      return {
        peer,
        coin: coinOf(peer, key),
        cheatingDeal: (terms, victims) => dealWith(terms, peer, victims),
        complain: (terms, dealt) => complaint(terms, dealt, peer),
        badShare: (source, toss) => tag('bad share', nameOf.source(source), tossName(toss), peer),
      }
    },
  }
}

/** Names of what is asked about again and again, by the object. */
function createNames(tag: (...parts: readonly (string | number | Uint8Array)[]) => Buffer) {
  const termsNames = new WeakMap<CoinTerms, Hash>()
  const sourceNames = new WeakMap<KeySource, Hash>()

  function terms(of: CoinTerms): Hash {
    const known = termsNames.get(of)
    if (known !== undefined) return known
    const { sectionId, epoch, threshold, holders } = of
    const made = tag('terms', sectionId, epoch, threshold, ...holders.flatMap(({ peer, key }) => [peer, key])).toString(
      'hex',
    )
    termsNames.set(of, made)
    return made
  }

  function source(of: KeySource): Hash {
    const known = sourceNames.get(of)
    if (known !== undefined) return known
    const made = tag('key', terms(of.terms), ...of.deals.flatMap(({ dealer, deal }) => [dealer, deal])).toString('hex')
    sourceNames.set(of, made)
    return made
  }

  return { terms, source }
}

function tossName(toss: Toss): string {
  return toss.kind === 'flip' ? `flip ${toss.election} ${toss.round}` : `block ${toss.height}`
}

function isHolder({ holders }: CoinTerms, peer: PeerId): boolean {
  return holders.some((holder) => holder.peer === peer)
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && Buffer.compare(one, other) === 0
}
