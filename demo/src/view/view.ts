/** What all parts of the page are drawn from. */
import type { PeerId } from 'parsec-web'
import type { Action } from '../actions.ts'
import type { Place } from '../address.ts'
import type { Breaking, Damage, Treason } from '../breaking.ts'
import type { Found, Query } from '../history.ts'
import type { Inspected } from '../inspector.ts'
import type { Invitation } from '../invite.ts'
import type { Proof } from '../proofs.ts'
import type { Live } from '../session.ts'
import type { Words } from '../words/words.ts'

/** What is typed into the form; null as long as nobody was chosen. */
export interface Draft {
  readonly to: PeerId | null
  readonly amount: number
  readonly note: string
}

/** What the page knows beside the section's state. */
export interface Face {
  readonly t: Words
  readonly place: Place
  readonly draft: Draft
  /** Of the last block's ledger. */
  readonly ledgerHash: string
  readonly query: Query
  readonly shownRows: number
  readonly shownBlocks: number
  /** What a search of all blocks found; `searching` while it goes on; null: only the last blocks are looked through. */
  readonly archive: Found | 'searching' | null
  readonly invitation: Invitation | null
  readonly proof: Proof
  readonly breaking: Breaking
  readonly dark: boolean
  readonly online: boolean
  /** Null while the inspector is closed. */
  readonly inspected: Inspected | null
}

export interface Actions {
  edit(part: Partial<Draft>): void
  pay(): void
  request(): void
  payMany(): void
  submit(action: Action): void
  choose(peer: PeerId): void
  search(part: Partial<Query>): void
  searchAll(): void
  showMoreRows(): void
  showMoreBlocks(): void
  invite(): void
  copyLink(): void
  shareLink(): void
  closeInvitation(): void
  saveHistory(): void
  checkFile(file: File): void
  forge(): void
  toggleTheme(): void
  toggleInspector(): void
  toggleBreaking(): void
  damage(peer: PeerId, part: Partial<Damage>): void
  mend(): void
  freeze(on: boolean): void
  kill(): void
  fork(treason: Treason): void
  speak(locale: string): void
  leave(): void
  startOver(): void
  reform(): void
  follow(sectionId: string): void
  retry(): void
}

/** A live section, its page, and what can be done there. */
export interface View {
  readonly state: Live
  readonly face: Face
  readonly actions: Actions
  readonly t: Words
  /** Whether this tab can ask anything of the ledger. */
  readonly mayAct: boolean
  /** How a member is called. */
  readonly name: (peer: PeerId) => string
}
