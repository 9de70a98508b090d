/** What a transaction can ask of the ledger, read from values that other members sent. Imports types only. */
import type { PeerId } from 'parsec-web'

/** What an account holds when it is opened, in coins. Coins are whole and appear in no other way. */
export const openingBalance = 100

/** Most UTF-16 code units of a name and of a note. */
export const nameLength = 24
export const noteLength = 60
/** Most accounts that are carried over. */
const accountsMost = 4_096
/** Keys have 64 hexadecimal digits, and a transaction's id is one or two such words. */
const idLength = 160

export interface Account {
  readonly balance: number
  /** As its holder chose; null until then. */
  readonly name: string | null
}

export type Action =
  | { readonly kind: 'pay'; readonly to: PeerId; readonly amount: number; readonly note: string }
  /** Asks `of` for coins. Named by the id of its transaction until it is answered or withdrawn. */
  | { readonly kind: 'request'; readonly of: PeerId; readonly amount: number; readonly note: string }
  /** By whom was asked: pays what the request asks for, or declines. */
  | { readonly kind: 'answer'; readonly request: string; readonly accept: boolean }
  /** By who asked. */
  | { readonly kind: 'withdraw'; readonly request: string }
  | { readonly kind: 'profile'; readonly name: string }
  /** What a section that re-forms another starts from: the accounts at its end, by the word of who re-formed it. */
  | { readonly kind: 'opening'; readonly accounts: readonly (readonly [PeerId, Account])[] }

/** The action that a transaction's value stands for; null when it is none. Values come from other members: trust nothing. */
export function parseAction(value: unknown): Action | null {
  if (typeof value !== 'object' || value === null) return null
  const fields = value as Record<string, unknown>
  const { kind, to, of, amount, note, request, accept, name } = fields
  switch (kind) {
    case 'pay':
      return isId(to) && isAmount(amount) && isText(note, 0, noteLength) ? { kind, to, amount, note } : null
    case 'request':
      return isId(of) && isAmount(amount) && isText(note, 0, noteLength) ? { kind, of, amount, note } : null
    case 'answer':
      return isId(request) && typeof accept === 'boolean' ? { kind, request, accept } : null
    case 'withdraw':
      return isId(request) ? { kind, request } : null
    case 'profile':
      return isText(name, 1, nameLength) ? { kind, name } : null
    case 'opening':
      return parseOpening(fields['accounts'])
    default:
      return null
  }
}

/** Coins are neither made nor lost: each account stands for an opening balance. */
function parseOpening(rows: unknown): Action | null {
  if (!Array.isArray(rows) || rows.length > accountsMost) return null
  const accounts: [PeerId, Account][] = []
  for (const row of rows as unknown[]) {
    const [peer, { balance, name } = {}] = (Array.isArray(row) ? row : []) as [unknown?, Record<string, unknown>?]
    if (!isId(peer) || !isCount(balance) || !(name === null || isText(name, 1, nameLength))) return null
    accounts.push([peer, { balance, name }])
  }
  const sum = accounts.reduce((total, [, { balance }]) => total + balance, 0)
  const isSound = new Set(accounts.map(([peer]) => peer)).size === rows.length && sum === openingBalance * rows.length
  return isSound ? { kind: 'opening', accounts } : null
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isAmount(value: unknown): value is number {
  return isCount(value) && value > 0
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= idLength
}

// Control characters and those that turn the reading direction would let one member's text disturb others' pages.
// Spelt out, because what a Unicode class holds differs between browsers' versions, and the ledger must not.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const disturbing = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/

function isText(value: unknown, least: number, most: number): value is string {
  return typeof value === 'string' && value.length >= least && value.length <= most && !disturbing.test(value)
}
