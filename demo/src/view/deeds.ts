/** What a transaction does, in words. */
import type { PeerId } from 'parsec-web'
import type { Own } from '../activity.ts'
import type { Entry } from '../ledger.ts'
import type { View } from './view.ts'

type Told = Pick<Entry, 'creator' | 'action' | 'request'>

export function deedWords({ creator, action, request }: Told, { t, name }: View): string {
  const who = name(creator)
  switch (action?.kind) {
    case undefined:
      return t.deed.malformed(who)
    case 'pay':
      return t.deed.pay(who, action.amount, name(action.to))
    case 'request':
      return t.deed.request(who, action.amount, name(action.of))
    case 'answer':
      if (!request) return t.deed.answerUnknown(who)
      return t.deed[action.accept ? 'accept' : 'decline'](who, request.amount, name(request.by))
    case 'withdraw':
      return request ? t.deed.withdraw(who, request.amount, name(request.of)) : t.deed.answerUnknown(who)
    case 'profile':
      return t.deed.profile(who, action.name)
    case 'opening':
      return t.deed.opening(who, action.accounts.length)
  }
}

/** The same by the holder of this tab, who needs not be named. */
export function ownWords({ action, request }: Pick<Own, 'action' | 'request'>, { t, name }: View): string {
  switch (action.kind) {
    case 'pay':
      return t.deed.ownPay(action.amount, name(action.to))
    case 'request':
      return t.deed.ownRequest(action.amount, name(action.of))
    case 'answer':
      if (!request) return t.deed.answerUnknown(t.deed.you)
      return t.deed[action.accept ? 'ownAccept' : 'ownDecline'](request.amount, name(request.by))
    case 'withdraw':
      return request ? t.deed.ownWithdraw(request.amount, name(request.of)) : t.deed.answerUnknown(t.deed.you)
    case 'profile':
      return t.deed.ownProfile(action.name)
    case 'opening':
      return t.deed.ownOther
  }
}

export function noteOf({ action, request }: Pick<Told, 'action' | 'request'>): string {
  if (action?.kind === 'pay' || action?.kind === 'request') return action.note
  return request?.note ?? ''
}

/** What the last block means to this tab, to be read aloud. */
export function newsWords(view: View): string {
  const { state, t } = view
  if (!state.news) return ''
  const { own, incoming } = state.news
  const sentences: string[] = []
  const [first] = own
  if (first && own.length === 1) sentences.push(oneOwn(first, view))
  else {
    const refused = own.filter(({ fate }) => fate.kind === 'refused').length
    if (own.length > refused) sentences.push(t.say.manyFinal(own.length - refused))
    if (refused > 0) sentences.push(t.say.manyRejected(refused))
  }
  const [entry] = incoming
  if (entry && incoming.length === 1) sentences.push(deedWords(entry, view))
  else if (entry) sentences.push(t.say.manyIncoming(incoming.length))
  return sentences.join('. ')
}

function oneOwn(own: Own, view: View): string {
  const { t } = view
  const what = ownWords(own, view)
  if (own.fate.kind === 'refused') return t.say.rejected(what, t.refusal[own.fate.refusal])
  return own.fate.kind === 'final' ? t.say.final(what, own.fate.height) : what
}

export function namesOf(peers: readonly PeerId[], { t, name }: View): string {
  return t.list(peers.map(name))
}
