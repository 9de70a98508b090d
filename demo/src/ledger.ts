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

export type Action =
  | { readonly kind: 'pay'; readonly to: PeerId; readonly amount: number; readonly note: string }
  /** `hue`: a colour on the wheel, whole degrees from 0 to 359. */
  | { readonly kind: 'profile'; readonly name: string; readonly hue: number }

export type Refusal = 'malformed' | 'noAccount' | 'unknownPayee' | 'toSelf' | 'overdraft'

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
}

/** Before the first block the founders, who are members without being added, have their accounts. */
export function foundedLedger(founders: readonly PeerId[]): Ledger {
  const accounts = new Map<PeerId, Account>()
  for (const peer of founders) open(accounts, peer)
  return { height: 0, blockHash: '', accounts }
}

/** Transactions in the block's order, then the accounts of those whom the block adds. */
export function applyBlock(ledger: Ledger, block: FinalBlock): { ledger: Ledger; entries: readonly Entry[] } {
  const accounts = new Map(ledger.accounts)
  // For a ledger that was started without the founders: they vote in the first block; later voters were added before.
  for (const peer of block.voters) open(accounts, peer)
  const entries = block.transactions.map(({ id, creator, value }) => {
    const action = parseAction(value)
    return { id, creator, action, refusal: action === null ? 'malformed' : apply(accounts, creator, action) } as const
  })
  for (const change of block.changes) if (change.kind === 'add') open(accounts, change.peer)
  return { ledger: { height: block.height, blockHash: block.hash, accounts }, entries }
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
  return null
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

function apply(accounts: Map<PeerId, Account>, creator: PeerId, action: Action): Refusal | null {
  const own = accounts.get(creator)
  if (!own) return 'noAccount'
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
