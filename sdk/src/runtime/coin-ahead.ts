/**
 * Computes what the core is about to ask about the coin, in steps between two inputs, so that the core finds the answers
 * and none of its steps takes long. Only a matter of when: what is not foreseen here, the core computes inside its step.
 */
import { isHolder } from '../core/coin/epochs.ts'
import type { CoinCrypto, CoinTerms, Dealt } from '../core/coin/port.ts'
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
const sharesPerEventMax = 4
const flipRoundsMax = 32
const earlyMax = 256
const namesMax = 4096

/** The coin as a core is lent it: without a deal until that is computed. */
export function lend(coin: SteppedCoinCrypto): CoinCrypto {
  return {
    ...coin,
    deal(terms) {
      const first = coin.inSteps.deal(terms).next()
      return first.done ? first.value : null
    },
  }
}

export function createCoinAhead(
  self: PeerId,
  coin: SteppedCoinCrypto,
  ordering: Pick<Ordering, 'state' | 'rounds'>,
): CoinAhead {
  const { inSteps } = coin
  const asked = new Set<string>()
  let early: Question[] = []
  let seen = ordering.state

  function questionsOf({ id, creator, body }: GossipEvent): readonly Question[] {
    const { items = [], shares = [] } = body.coin ?? {}
    const item = <Kind extends (typeof items)[number]['kind']>(kind: Kind) =>
      items.find((each): each is Extract<typeof each, { kind: Kind }> => each.kind === kind)
    const [register, deal, complaint] = [item('register'), item('deal'), item('complaint')]
    const questions: Question[] = shares.slice(0, sharesPerEventMax).map(({ toss, share }) => ({
      name: `${creator} ${tossName(toss)}`,
      ask() {
        if (toss.kind === 'flip' && toss.round > flipRoundsMax) return null
        const source = sourceOf(toss, (election) => ordering.rounds[election]?.state ?? null, ordering.state)
        return source ? inSteps.areShares(source, toss, [{ holder: creator, share }]) : 'early'
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
          const terms = ordering.state.coin.forming?.terms
          if (terms?.epoch === deal.epoch) return checked(terms, dealt)
          return deal.epoch > ordering.state.height ? 'early' : null
        },
      })
    }
    if (complaint) {
      questions.push({
        name: `${creator} complaint ${id}`,
        ask() {
          const { forming } = ordering.state.coin
          if (forming?.terms.epoch !== complaint.epoch) return complaint.epoch > ordering.state.height ? 'early' : null
          const dealt = forming.deals.find(({ event }) => event === complaint.deal)
          return dealt ? inSteps.culprit(forming.terms, dealt, creator, complaint.complaint) : 'early'
        },
      })
    }
    return questions
  }

  /** A deal that is good in public is opened, as the holder has to say whether its share is. */
  function* checked(terms: CoinTerms, dealt: Dealt): Steps<void> {
    if (yield* inSteps.isDeal(terms, dealt)) yield* inSteps.complaint(terms, dealt)
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
      if (state === seen) return null
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
      return oneAfterAnother(work)
    },
  }
}

function oneAfterAnother(all: readonly Steps<unknown>[]): Steps<void> | null {
  if (all.length === 0) return null
  return (function* () {
    for (const steps of all) yield* steps
  })()
}
