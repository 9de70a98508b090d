/**
 * The ledger: a pure function of the final blocks, so that every tab that holds the same blocks holds the same
 * balances and refuses the same payments. Imports types of the public API and a hash.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { FinalBlock, PeerId } from 'parsec-web'
import { type Account, type Action, openingBalance, parseAction } from './actions.ts'

/** Most requests of one member that are open at a time: they are kept until they are answered. */
export const openRequestsMost = 20

export type Refusal =
  | 'malformed'
  | 'noAccount'
  | 'unknownPeer'
  | 'toSelf'
  | 'overdraft'
  /** Not open, or no more: answered before, withdrawn, or never asked. */
  | 'noSuchRequest'
  /** Somebody else was asked, or asks. */
  | 'notYours'
  | 'tooManyRequests'
  | 'notAtTheStart'

/** What one transaction of a block did. Refused ones are in the block too, and change nothing. */
export interface Entry {
  readonly id: string
  readonly creator: PeerId
  /** Null when the value was no action. */
  readonly action: Action | null
  /** The request that was answered or withdrawn; null for all else. */
  readonly request: Request | null
  readonly refusal: Refusal | null
}

export interface Request {
  readonly by: PeerId
  readonly of: PeerId
  readonly amount: number
  readonly note: string
}

export interface Ledger {
  /** Of the last block applied; 0 before the first. */
  readonly height: number
  readonly blockHash: string
  /** An account outlives its holder's membership: coins are never destroyed. */
  readonly accounts: ReadonlyMap<PeerId, Account>
  /** Not answered yet, oldest first, by the ids of their transactions. They lapse where a section is re-formed. */
  readonly requests: ReadonlyMap<string, Request>
  /** The section re-forms another, and nothing was accepted in it yet. */
  readonly takesOpening: boolean
}

/** Before the first block the founders, who are members without being added, have their accounts. */
export function foundedLedger(founders: readonly PeerId[], { reforms = false } = {}): Ledger {
  const accounts = new Map<PeerId, Account>()
  for (const peer of founders) open(accounts, peer)
  return { height: 0, blockHash: '', accounts, requests: new Map(), takesOpening: reforms }
}

/** For the section that re-forms this one. */
export function openingOf({ accounts }: Ledger): Action {
  return { kind: 'opening', accounts: [...accounts] }
}

/** Transactions in the block's order, then the accounts of those whom the block adds. */
export function applyBlock(ledger: Ledger, block: FinalBlock): { ledger: Ledger; entries: readonly Entry[] } {
  const books: Books = {
    accounts: new Map(ledger.accounts),
    requests: new Map(ledger.requests),
    takesOpening: ledger.takesOpening,
  }
  // For a ledger that was started without the founders: they vote in the first block; later voters were added before.
  for (const peer of block.voters) open(books.accounts, peer)
  const entries = block.transactions.map(({ id, creator, value }): Entry => {
    const action = parseAction(value)
    const request = action && 'request' in action ? (books.requests.get(action.request) ?? null) : null
    const refusal = action === null ? 'malformed' : apply(books, id, creator, action)
    if (refusal === null) books.takesOpening = false
    return { id, creator, action, request, refusal }
  })
  for (const change of block.changes) if (change.kind === 'add') open(books.accounts, change.peer)
  return { ledger: { height: block.height, blockHash: block.hash, ...books }, entries }
}

/** SHA-256 in hexadecimal over the whole ledger: equal in two tabs exactly when they hold the same. */
export function ledgerHash({ height, blockHash, accounts, requests }: Ledger): string {
  const rows = [...accounts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([peer, { balance, name }]) => [peer, balance, name])
  const asked = [...requests].map(([id, { by, of, amount, note }]) => [id, by, of, amount, note])
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify([height, blockHash, rows, asked]))))
}

/** Always `openingBalance` times the number of accounts. */
export function sumOfBalances(ledger: Ledger): number {
  return [...ledger.accounts.values()].reduce((sum, account) => sum + account.balance, 0)
}

/** A ledger while a block is applied to it. */
interface Books {
  readonly accounts: Map<PeerId, Account>
  readonly requests: Map<string, Request>
  takesOpening: boolean
}

function open(accounts: Map<PeerId, Account>, peer: PeerId): void {
  if (!accounts.has(peer)) accounts.set(peer, { balance: openingBalance, name: null })
}

function apply(books: Books, id: string, creator: PeerId, action: Action): Refusal | null {
  const { accounts, requests } = books
  const own = accounts.get(creator)
  if (!own) return 'noAccount'
  switch (action.kind) {
    case 'pay':
      return transfer(accounts, creator, action.to, action.amount)
    case 'request': {
      const { of, amount, note } = action
      if (!accounts.has(of)) return 'unknownPeer'
      if (of === creator) return 'toSelf'
      const isOwn = ({ by }: Request) => by === creator
      if ([...requests.values()].filter(isOwn).length >= openRequestsMost) return 'tooManyRequests'
      requests.set(id, { by: creator, of, amount, note })
      return null
    }
    case 'answer': {
      const request = requests.get(action.request)
      if (!request) return 'noSuchRequest'
      if (request.of !== creator) return 'notYours'
      // Stays open where the coins are not there: they may be, later.
      const refusal = action.accept ? transfer(accounts, creator, request.by, request.amount) : null
      if (refusal === null) requests.delete(action.request)
      return refusal
    }
    case 'withdraw': {
      const request = requests.get(action.request)
      if (!request) return 'noSuchRequest'
      if (request.by !== creator) return 'notYours'
      requests.delete(action.request)
      return null
    }
    case 'profile':
      accounts.set(creator, { ...own, name: action.name })
      return null
    case 'opening':
      if (!books.takesOpening) return 'notAtTheStart'
      for (const [peer, account] of action.accounts) accounts.set(peer, account)
      return null
  }
}

function transfer(accounts: Map<PeerId, Account>, from: PeerId, to: PeerId, amount: number): Refusal | null {
  const payer = accounts.get(from)
  const payee = accounts.get(to)
  if (!payer) return 'noAccount'
  if (!payee) return 'unknownPeer'
  if (to === from) return 'toSelf'
  if (amount > payer.balance) return 'overdraft'
  accounts.set(from, { ...payer, balance: payer.balance - amount })
  accounts.set(to, { ...payee, balance: payee.balance + amount })
  return null
}
