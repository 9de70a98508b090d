/**
 * The ledger: a pure function of the final blocks, so that every tab that holds the same blocks holds the same
 * balances and refuses the same payments. Imports types of the public API and a hash.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { FinalBlock, PeerId } from 'parsec-web'

/** What an account holds when it is opened, in coins. Coins are whole and appear in no other way. */
export const openingBalance = 100

/** Most UTF-16 code units of a name and of a payment's note. */
export const nameLength = 24
export const noteLength = 60
/** Most accounts that are carried over. */
const accountsMost = 4_096

export type Action =
  | { readonly kind: 'pay'; readonly to: PeerId; readonly amount: number; readonly note: string }
  /** `hue`: a colour on the wheel, whole degrees from 0 to 359. */
  | { readonly kind: 'profile'; readonly name: string; readonly hue: number }
  /** What a section that re-forms another starts from: the accounts at its end, by the word of who re-formed it. */
  | { readonly kind: 'opening'; readonly accounts: readonly (readonly [PeerId, Account])[] }

export type Refusal = 'malformed' | 'noAccount' | 'unknownPayee' | 'toSelf' | 'overdraft' | 'notAtTheStart'

/** What one transaction of a block did. Refused ones are in the block too, and change nothing. */
export interface Entry {
  readonly id: string
  readonly creator: PeerId
  /** Null when the value was no action. */
  readonly action: Action | null
  readonly refusal: Refusal | null
}

export interface Account {
  readonly balance: number
  /** As its holder chose; null until then. */
  readonly profile: { readonly name: string; readonly hue: number } | null
}

export interface Ledger {
  /** Of the last block applied; 0 before the first. */
  readonly height: number
  readonly blockHash: string
  /** An account outlives its holder's membership: coins are never destroyed. */
  readonly accounts: ReadonlyMap<PeerId, Account>
  /** The section re-forms another, and nothing was accepted in it yet. */
  readonly takesOpening: boolean
}

/** Before the first block the founders, who are members without being added, have their accounts. */
export function foundedLedger(founders: readonly PeerId[], { reforms = false } = {}): Ledger {
  const accounts = new Map<PeerId, Account>()
  for (const peer of founders) open(accounts, peer)
  return { height: 0, blockHash: '', accounts, takesOpening: reforms }
}

/** For the section that re-forms this one. */
export function openingOf({ accounts }: Ledger): Action {
  return { kind: 'opening', accounts: [...accounts] }
}

/** Transactions in the block's order, then the accounts of those whom the block adds. */
export function applyBlock(ledger: Ledger, block: FinalBlock): { ledger: Ledger; entries: readonly Entry[] } {
  const accounts = new Map(ledger.accounts)
  let { takesOpening } = ledger
  // For a ledger that was started without the founders: they vote in the first block; later voters were added before.
  for (const peer of block.voters) open(accounts, peer)
  const entries = block.transactions.map(({ id, creator, value }) => {
    const action = parseAction(value)
    const refusal = action === null ? 'malformed' : apply(accounts, creator, action, takesOpening)
    if (refusal === null) takesOpening = false
    return { id, creator, action, refusal } as const
  })
  for (const change of block.changes) if (change.kind === 'add') open(accounts, change.peer)
  return { ledger: { height: block.height, blockHash: block.hash, accounts, takesOpening }, entries }
}

/** The action that a transaction's value stands for; null when it is none. Values come from other members: trust nothing. */
export function parseAction(value: unknown): Action | null {
  if (typeof value !== 'object' || value === null) return null
  const { kind, to, amount, note, name, hue } = value as Record<string, unknown>
  if (kind === 'pay') {
    if (typeof to !== 'string' || !isCount(amount) || amount === 0 || !isText(note, 0, noteLength)) return null
    return { kind, to, amount, note }
  }
  if (kind === 'profile') {
    if (!isText(name, 1, nameLength) || !isCount(hue) || hue > 359) return null
    return { kind, name, hue }
  }
  if (kind === 'opening') return parseOpening((value as { readonly accounts?: unknown }).accounts)
  return null
}

/** Coins are neither made nor lost: each account stands for an opening balance. */
function parseOpening(rows: unknown): Action | null {
  if (!Array.isArray(rows) || rows.length > accountsMost) return null
  const accounts: [PeerId, Account][] = []
  for (const row of rows as unknown[]) {
    const [peer, { balance, profile } = {}] = (Array.isArray(row) ? row : []) as [unknown?, Record<string, unknown>?]
    const named = profile === null ? null : parseAction({ ...(profile as object), kind: 'profile' })
    if (typeof peer !== 'string' || !isCount(balance) || (profile !== null && named?.kind !== 'profile')) return null
    accounts.push([peer, { balance, profile: named?.kind === 'profile' ? { name: named.name, hue: named.hue } : null }])
  }
  const sum = accounts.reduce((total, [, { balance }]) => total + balance, 0)
  const isSound = new Set(accounts.map(([peer]) => peer)).size === rows.length && sum === openingBalance * rows.length
  return isSound ? { kind: 'opening', accounts } : null
}

/** SHA-256 in hexadecimal over the whole ledger: equal in two tabs exactly when they hold the same. */
export function ledgerHash({ height, blockHash, accounts }: Ledger): string {
  const rows = [...accounts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([peer, { balance, profile }]) => [peer, balance, profile && [profile.name, profile.hue]])
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify([height, blockHash, rows]))))
}

/** Always `openingBalance` times the number of accounts. */
export function sumOfBalances(ledger: Ledger): number {
  return [...ledger.accounts.values()].reduce((sum, account) => sum + account.balance, 0)
}

function open(accounts: Map<PeerId, Account>, peer: PeerId): void {
  if (!accounts.has(peer)) accounts.set(peer, { balance: openingBalance, profile: null })
}

function apply(accounts: Map<PeerId, Account>, creator: PeerId, action: Action, takesOpening: boolean): Refusal | null {
  const own = accounts.get(creator)
  if (!own) return 'noAccount'
  if (action.kind === 'opening') {
    if (!takesOpening) return 'notAtTheStart'
    for (const [peer, account] of action.accounts) accounts.set(peer, account)
    return null
  }
  if (action.kind === 'profile') {
    accounts.set(creator, { ...own, profile: { name: action.name, hue: action.hue } })
    return null
  }
  const payee = accounts.get(action.to)
  if (!payee) return 'unknownPayee'
  if (action.to === creator) return 'toSelf'
  if (action.amount > own.balance) return 'overdraft'
  accounts.set(creator, { ...own, balance: own.balance - action.amount })
  accounts.set(action.to, { ...payee, balance: payee.balance + action.amount })
  return null
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

// Control characters and those that turn the reading direction would let one member's text disturb others' pages.
// Spelt out, because what a Unicode class holds differs between browsers' versions, and the ledger must not.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const disturbing = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/

function isText(value: unknown, least: number, most: number): value is string {
  return typeof value === 'string' && value.length >= least && value.length <= most && !disturbing.test(value)
}
