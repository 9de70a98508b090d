/**
 * Computes what the core is about to ask about the coin, in steps between two inputs, so that the core finds the answers
 * and none of its steps takes long. Only a matter of when: what is not foreseen here, the core computes inside its step.
 */
import { dealsInUse, isHolder } from '../core/coin/epochs.ts'
import type { CoinCrypto, CoinTerms, Dealt, HeldShare, KeySource, Toss } from '../core/coin/port.ts'
import { sourceOf } from '../core/coin/section-coin.ts'
import { tossName } from '../core/coin/shares.ts'
import type { GossipEvent, PeerId } from '../core/gossip/event.ts'
import type { Ordering } from '../core/section/ordering.ts'
import type { SteppedCoinCrypto, Steps } from '../crypto/coin/index.ts'

export interface CoinAhead {
  /** What these events make the core ask; null if nothing that takes time. */
  before(events: readonly GossipEvent[]): Steps<void> | null
  /** What the blocks so far make us owe, since this was last called; null if nothing. Afterwards the core can go on. */
  owed(): Steps<void> | null
}

/** `early`: it belongs to an epoch or a toss that our blocks have not come to. Null: the core will not ask. */
type Foreseen = Steps<unknown> | 'early' | null

interface Question {
  readonly name: string
  readonly ask: () => Foreseen
}

/** What events make us compute is bounded by what honest ones need; the core computes any more when it has to. */
const flipSharesPerEventMax = 4
const flipRoundsMax = 32
const tossesMax = 64
const earlyMax = 256
const namesMax = 4096

export interface LentCoin {
  /** As a core is lent it: without what is its own to say until that is computed. */
  readonly crypto: CoinCrypto
  /** What the core was told to ask for later, since this was last called. */
  takeOwing(): readonly Owing[]
}

type Owing =
  | { readonly kind: 'share'; readonly source: KeySource; readonly toss: Toss }
  | { readonly kind: 'other'; readonly compute: () => Steps<unknown> }

export function lend(coin: SteppedCoinCrypto): LentCoin {
  const { inSteps } = coin
  let owing: Owing[] = []
  function prompt<T>(compute: () => Steps<T>, owes: Owing): T | 'later' {
    const first = compute().next()
    if (first.done) return first.value
    owing.push(owes)
    return 'later'
  }
  function other<T>(compute: () => Steps<T>): T | 'later' {
    return prompt(compute, { kind: 'other', compute })
  }
  return {
    crypto: {
      ...coin,
      deal: (terms) => other(() => inSteps.deal(terms)),
      complaint: (terms, dealt) => other(() => inSteps.complaint(terms, dealt)),
      share: (source, toss) => prompt(() => inSteps.share(source, toss), { kind: 'share', source, toss }),
    },
    takeOwing() {
      const taken = owing
      owing = []
      return taken
    },
  }
}

/** At least one; so cut that each event with parts of the coin begins a piece: what it needs is foreseen by then. */
export function inPieces<Sealed>(events: readonly Sealed[], eventOf: (sealed: Sealed) => GossipEvent): Sealed[][] {
  let piece: Sealed[] = []
  const pieces = [piece]
  for (const sealed of events) {
    if (piece.length > 0 && eventOf(sealed).body.coin) {
      piece = []
      pieces.push(piece)
    }
    piece.push(sealed)
  }
  return pieces
}

export function createCoinAhead(
  self: PeerId,
  coin: SteppedCoinCrypto,
  lent: Pick<LentCoin, 'takeOwing'>,
  ordering: Pick<Ordering, 'state' | 'stateOf'>,
): CoinAhead {
  const { inSteps } = coin
  const asked = new Set<string>()
  // Valid shares of coins that are not known yet.
  const gathered = new Map<string, Map<PeerId, HeldShare>>()
  let early: Question[] = []
  let seen = ordering.state
  let seenKey = seen.coin.serving

  function questionsOf({ id, creator, body }: GossipEvent): readonly Question[] {
    const { items = [], shares = [] } = body.coin ?? {}
    const item = <Kind extends (typeof items)[number]['kind']>(kind: Kind) =>
      items.find((each): each is Extract<typeof each, { kind: Kind }> => each.kind === kind)
    const [register, deal, complaint] = [item('register'), item('deal'), item('complaint')]
    let flips = 0
    const posted = shares.filter(({ toss }) => toss.kind === 'block' || ++flips <= flipSharesPerEventMax)
    const questions: Question[] = posted.map(({ toss, share }) => ({
      name: `${creator} ${tossName(toss)}`,
      ask() {
        if (toss.kind === 'flip' && toss.round > flipRoundsMax) return null
        const source = sourceOf(toss, ordering.stateOf, ordering.state)
        return source ? gathers(source, toss, { holder: creator, share }) : 'early'
      },
    }))
    if (register) {
      const { key, proof } = register
      const isNew = () => !ordering.state.coin.keys.has(creator)
      questions.push({
        name: `${creator} register`,
        ask: () => (isNew() ? inSteps.isRegistration(creator, key, proof) : null),
      })
    }
    if (deal) {
      const dealt = { dealer: creator, deal: deal.deal }
      questions.push({
        name: `${creator} deal ${deal.epoch}`,
        ask() {
          const { forming, serving } = ordering.state.coin
          const key = [forming, serving].find((each) => each?.terms.epoch === deal.epoch)
          if (key) return checked(key.terms, dealt)
          return deal.epoch > ordering.state.height ? 'early' : null
        },
      })
    }
    if (complaint) {
      questions.push({
        name: `${creator} complaint ${id}`,
        ask() {
          const { coin: state, height } = ordering.state
          const key = [state.forming, state.serving].find((each) => each?.terms.epoch === complaint.epoch)
          if (!key) return complaint.epoch > height ? 'early' : null
          const deals = key === state.serving ? dealsInUse(state) : key.deals
          const dealt = deals.find(({ event }) => event === complaint.deal)
          return dealt ? inSteps.culprit(key.terms, dealt, creator, complaint.complaint) : 'early'
        },
      })
    }
    return questions
  }

  /** A deal that is good in public is opened, as the holder has to say whether its share is. */
  function* checked(terms: CoinTerms, dealt: Dealt): Steps<void> {
    if (yield* inSteps.isDeal(terms, dealt)) yield* inSteps.complaint(terms, dealt)
  }

  /** The coin follows from the share that completes it. */
  function* gathers(source: KeySource, toss: Toss, held: HeldShare): Steps<void> {
    const [isValid] = yield* inSteps.areShares(source, toss, [held])
    if (!isValid) return
    const name = `${source.terms.epoch} ${tossName(toss)}`
    const shares = gathered.get(name) ?? new Map<PeerId, HeldShare>()
    gathered.set(name, shares.set(held.holder, held))
    if (shares.size === source.terms.threshold + 1) yield* inSteps.combine(source, toss, [...shares.values()])
    const [oldest] = gathered.keys()
    if (gathered.size > tossesMax && oldest !== undefined) gathered.delete(oldest)
  }

  function* ownShare(source: KeySource, toss: Toss): Steps<void> {
    const share = yield* inSteps.share(source, toss)
    if (share) yield* gathers(source, toss, { holder: self, share })
  }

  function* ownDeal(terms: CoinTerms): Steps<void> {
    yield* checked(terms, { dealer: self, deal: yield* inSteps.deal(terms) })
  }

  function foresee(questions: readonly Question[]): Steps<unknown>[] {
    return questions.flatMap((question) => {
      const answer = question.ask()
      if (answer === 'early' && early.length < earlyMax) early.push(question)
      return answer === 'early' || answer === null ? [] : [answer]
    })
  }

  return {
    before(events) {
      const questions = events
        .filter(({ body }) => body.coin)
        .flatMap(questionsOf)
        .filter(({ name }) => !asked.has(name))
      if (asked.size > namesMax) asked.clear()
      for (const { name } of questions) asked.add(name)
      return oneAfterAnother(foresee(questions))
    },
    owed() {
      const { state } = ordering
      const owing = lent
        .takeOwing()
        .map((owes) => (owes.kind === 'share' ? ownShare(owes.source, owes.toss) : owes.compute()))
      if (state === seen) return oneAfterAnother(owing)
      seen = state
      const questions = early
      early = []
      const work = foresee(questions)
      const { forming, serving } = state.coin
      if (forming && isHolder(forming.terms, self)) {
        const isOpen = !forming.dropped.has(self) && forming.deals.every(({ dealer }) => dealer !== self)
        if (isOpen) work.push(ownDeal(forming.terms))
      }
      if (serving) work.push(coin.prepare(serving))
      // A key serves until the next one does.
      if (serving && serving !== seenKey) {
        seenKey = serving
        coin.forgetShares([serving.terms, ...(forming ? [forming.terms] : [])])
      }
      return oneAfterAnother([...work, ...owing])
    },
  }
}

function oneAfterAnother(all: readonly Steps<unknown>[]): Steps<void> | null {
  if (all.length === 0) return null
  return (function* () {
    for (const steps of all) yield* steps
  })()
}
