/** One tab's life in a section: joins, applies final blocks to the ledger, and tells the page when something changed. */
import {
  type Diagnostics,
  type FinalBlock,
  joinSection,
  type PeerId,
  type Receipt,
  type Section,
  type SectionEvents,
  type SectionStatus,
} from 'parsec-web'
import type { Place } from './address.ts'
import { type Action, applyBlock, type Entry, foundedLedger, type Ledger, openingOf } from './ledger.ts'
import { type OwnPayments, withBlock, withLatency, withLoss, withSubmitted } from './payments.ts'

const lookEveryMs = 1_000

/** From one section to the one that goes on where it ended. */
type Move = Parameters<SectionEvents['moved']>[0]
/** A join link goes to many, and lies around for a while. */
const linkUses = 1_000
const linkValidForMs = 30 * 24 * 60 * 60 * 1_000

export interface AppliedBlock {
  readonly block: FinalBlock
  readonly entries: readonly Entry[]
  /** After it. */
  readonly ledger: Ledger
}

export type State =
  | { readonly phase: 'joining' }
  | { readonly phase: 'failed'; readonly code: string; readonly message: string }
  | Live

export interface Live {
  readonly phase: 'live'
  readonly me: PeerId
  readonly sectionId: string
  readonly status: SectionStatus
  readonly diagnostics: Diagnostics
  readonly ledger: Ledger
  /** Oldest first. */
  readonly blocks: readonly AppliedBlock[]
  readonly payments: OwnPayments
  /** Why the section stopped; null while it has not. */
  readonly alarm: string | null
  /** Why the last thing asked for was not done; null when it was. */
  readonly problem: string | null
}

export interface Session {
  readonly state: State
  /** For the inspector; null before there is one. */
  readonly section: Section | null
  submit(action: Action): void
  /** Null before there is a section. */
  invitation(): Promise<string | null>
  leave(): void
  /** Goes on without the missing voters, in a section of our own. */
  reform(): void
  /** Into a section that somebody else re-formed. */
  follow(sectionId: string): void
}

/** `changed` is called after every change of `state`. */
export function startSession(place: Place, changed: () => void): Session {
  let state: State = { phase: 'joining' }
  let section: Section | null = null
  let isReforming = false

  const update = (part: Partial<Omit<Live, 'phase'>>) => {
    if (state.phase !== 'live') return
    state = { ...state, ...part }
    changed()
  }

  /** Applies the blocks of one section after another, should we move. */
  const apply = async (joined: Section) => {
    let next: Move | null = null
    joined.on('moved', (move) => {
      next = move
    })
    do {
      if (state.phase !== 'live') return
      if (next !== null) moveTo(joined, state, next)
      next = null
      for await (const block of joined.blocks()) {
        if (state.phase !== 'live') return
        const { ledger, entries } = applyBlock(state.ledger, block)
        update({
          ledger,
          blocks: [...state.blocks, { block, entries, ledger }],
          payments: withBlock(state.payments, joined.me, block, entries),
          status: joined.status,
        })
      }
    } while (next !== null)
  }

  /** Who re-forms carries over what all can prove: the accounts at the last certified block. */
  const moveTo = (joined: Section, { blocks }: Live, { to, height }: Move) => {
    const former = blocks[height - 1]?.ledger
    update({ sectionId: to, ledger: foundedLedger([], { reforms: true }), blocks: [], status: joined.status })
    if (isReforming && former) submit(openingOf(former))
    isReforming = false
  }

  const join = async () => {
    const { room, signaling, invitation, password, admission, worker } = place
    const joined = await joinSection({
      ...{ room, signaling, admission, worker },
      ...(invitation === null ? {} : { invitation }),
      ...(password === null ? {} : { password }),
    })
    section = joined
    state = {
      phase: 'live',
      me: joined.me,
      sectionId: joined.id,
      status: joined.status,
      diagnostics: joined.diagnostics(),
      // At height 0 the members are the founders.
      ledger: foundedLedger(joined.status.height === 0 ? joined.status.members.map(({ peer }) => peer) : [], {
        reforms: joined.status.previousSection !== null,
      }),
      blocks: [],
      payments: [],
      alarm: null,
      problem: null,
    }
    const observe = () => update({ status: joined.status, diagnostics: joined.diagnostics() })
    joined.on('status', observe)
    joined.on('members', observe)
    joined.on('rejection', observe)
    joined.on('malice', observe)
    joined.on('conflict', observe)
    joined.on('successor', observe)
    joined.on('alarm', (alarm) => update({ alarm, status: joined.status }))
    // Counters change without an event.
    const looking = setInterval(observe, lookEveryMs)
    changed()
    await apply(joined).finally(() => clearInterval(looking))
  }

  const fail = (error: unknown) => {
    const code = (error as { code?: unknown } | null)?.code
    state = { phase: 'failed', code: typeof code === 'string' ? code : 'unexpected', message: messageOf(error) }
    changed()
  }

  const track = (receipt: Receipt, action: Action) => {
    if (state.phase !== 'live') return
    if (action.kind === 'pay') {
      const { to, amount, note } = action
      update({ payments: withSubmitted(state.payments, { id: receipt.id, to, amount, note }) })
    }
    receipt.final.then(
      ({ latencyMs }) =>
        state.phase === 'live' && update({ payments: withLatency(state.payments, receipt.id, latencyMs) }),
      (error: unknown) =>
        state.phase === 'live' && update({ payments: withLoss(state.payments, receipt.id, messageOf(error)) }),
    )
  }

  const submit = (action: Action) => {
    if (section === null || state.phase !== 'live') return
    try {
      track(section.submit(action), action)
      update({ problem: null })
    } catch (error) {
      update({ problem: messageOf(error) })
    }
  }

  join().catch(fail)
  return {
    get state() {
      return state
    },
    get section() {
      return section
    },
    submit,
    invitation: async () => (await section?.invitation({ uses: linkUses, validForMs: linkValidForMs })) ?? null,
    reform: () => {
      isReforming = true
      section?.reform().catch((error: unknown) => {
        isReforming = false
        update({ problem: messageOf(error) })
      })
    },
    follow: (sectionId) => {
      section?.follow(sectionId).catch((error: unknown) => update({ problem: messageOf(error) }))
    },
    leave: () => {
      section?.leave().catch((error: unknown) => update({ problem: messageOf(error) }))
    },
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
