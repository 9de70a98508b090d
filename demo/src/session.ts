/** One tab's life in a section: joins, applies final blocks to the ledger, and tells the page when something changed. */
import {
  type Diagnostics,
  type FinalBlock,
  joinSection,
  type Malice,
  type PeerId,
  type Receipt,
  type Section,
  type SectionEvents,
  type SectionStatus,
} from 'parsec-web'
import type { Action } from './actions.ts'
import { type Activity, createActivity, type Own } from './activity.ts'
import type { Place } from './address.ts'
import { type AppliedBlock, withBlock } from './history.ts'
import { applyBlock, type Entry, foundedLedger, type Ledger, openingOf } from './ledger.ts'
import { type Trial, withProof, withRemovals } from './trials.ts'

const lookEveryMs = 1_000

/** From one section to the one that goes on where it ended. */
type Move = Parameters<SectionEvents['moved']>[0]
/** A join link goes to many, and lies around for a while. */
const linkUses = 1_000
const linkValidForMs = 30 * 24 * 60 * 60 * 1_000

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
  /** The last ones, oldest first. */
  readonly blocks: readonly AppliedBlock[]
  readonly activity: Activity
  readonly trials: readonly Trial[]
  /** What the last block that concerns this tab did, to be said aloud; null before the first since it joined. */
  readonly news: News | null
  /** Why the section stopped; null while it has not. */
  readonly alarm: string | null
  /** Why the last thing asked for was not done; null when it was. */
  readonly problem: string | null
}

export interface News {
  readonly own: readonly Own[]
  /** By others, and about us: payments and requests. */
  readonly incoming: readonly Entry[]
}

export interface Session {
  readonly state: State
  /** For the inspector; null before there is one. */
  readonly section: Section | null
  submit(action: Action): void
  /** Null before there is a section. */
  invitation(): Promise<string | null>
  /** Rejects with `ParsecError`. */
  exportHistory(): Promise<Uint8Array>
  leave(): Promise<void>
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
  // From the last certified block on: a section that is re-formed starts from one of these.
  const ledgers = new Map<number, Ledger>()

  const update = (part: Partial<Omit<Live, 'phase'>>) => {
    if (state.phase !== 'live') return
    state = { ...state, ...part }
    changed()
  }

  /** Applies the blocks of one section after another, should we move. */
  const apply = async (joined: Section) => {
    let next: Move | null = null
    let silentUpTo = joined.status.height
    joined.on('moved', (move) => {
      next = move
    })
    do {
      if (state.phase !== 'live') return
      if (next !== null) {
        moveTo(joined, next)
        silentUpTo = 0
      }
      next = null
      for await (const block of joined.blocks()) {
        if (state.phase !== 'live') return
        applyOne(state, joined, block, block.height > silentUpTo)
      }
    } while (next !== null)
  }

  const applyOne = (before: Live, joined: Section, block: FinalBlock, isNews: boolean) => {
    const { status, me } = joined
    const { ledger, entries } = applyBlock(before.ledger, block)
    ledgers.set(block.height, ledger)
    for (const height of ledgers.keys()) if (height < status.certifiedHeight) ledgers.delete(height)
    const own = before.activity.applied(me, block, entries)
    const incoming = entries.filter((entry) => concerns(entry, me))
    update({
      ...{ ledger, status, blocks: withBlock(before.blocks, { block, entries }) },
      trials: withRemovals(before.trials, block, isNews ? Date.now() : null),
      ...(isNews && own.length + incoming.length > 0 ? { news: { own, incoming } } : {}),
    })
  }

  /** Who re-forms carries over what all can prove: the accounts at the last certified block. */
  const moveTo = (joined: Section, { to, height }: Move) => {
    const former = ledgers.get(height)
    ledgers.clear()
    const ledger = foundedLedger([], { reforms: true })
    update({ sectionId: to, ledger, blocks: [], trials: [], status: joined.status })
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
      activity: createActivity(),
      trials: [],
      news: null,
      alarm: null,
      problem: null,
    }
    const observe = () => update({ status: joined.status, diagnostics: joined.diagnostics() })
    joined.on('status', observe)
    joined.on('members', observe)
    joined.on('rejection', observe)
    joined.on('malice', onMalice)
    joined.on('conflict', observe)
    joined.on('successor', observe)
    joined.on('alarm', (alarm) => update({ alarm, status: joined.status }))
    // Counters change without an event.
    const looking = setInterval(observe, lookEveryMs)
    changed()
    await apply(joined).finally(() => clearInterval(looking))
  }

  const onMalice = (malice: Malice) => {
    if (state.phase === 'live') update({ trials: withProof(state.trials, malice, Date.now()) })
  }

  const fail = (error: unknown) => {
    const code = (error as { code?: unknown } | null)?.code
    state = { phase: 'failed', code: typeof code === 'string' ? code : 'unexpected', message: messageOf(error) }
    changed()
  }

  const track = (receipt: Receipt, action: Action) => {
    if (state.phase !== 'live') return
    const { activity, ledger } = state
    activity.submitted(receipt.id, action, 'request' in action ? (ledger.requests.get(action.request) ?? null) : null)
    receipt.final
      .then(
        ({ latencyMs }) => activity.measured(receipt.id, latencyMs),
        (error: unknown) => activity.lost(receipt.id, messageOf(error)),
      )
      .then(changed)
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

  const tellProblem = (error: unknown) => update({ problem: messageOf(error) })
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
    exportHistory: async () => {
      if (!section) throw new Error('there is no section yet')
      return await section.exportHistory()
    },
    reform: () => {
      isReforming = true
      section?.reform().catch((error: unknown) => {
        isReforming = false
        tellProblem(error)
      })
    },
    follow: (sectionId) => {
      section?.follow(sectionId).catch(tellProblem)
    },
    leave: async () => {
      await section?.leave().catch(tellProblem)
    },
  }
}

function concerns({ creator, action, request, refusal }: Entry, me: PeerId): boolean {
  if (creator === me || refusal !== null || action === null) return false
  if (action.kind === 'pay') return action.to === me
  if (action.kind === 'request') return action.of === me
  return request !== null && (request.by === me || request.of === me)
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
