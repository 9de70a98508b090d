/** What this tab asked of the ledger, from the button to the final block. Imports the ledger's types. */
import type { FinalBlock, PeerId } from 'parsec-web'
import type { Action } from './actions.ts'
import type { Entry, Refusal, Request } from './ledger.ts'

/** Most that are kept once it is clear what became of them; older ones are in the history. */
const settledMost = 200
/** Latencies that the median is taken of. */
const latenciesMost = 200

export interface Own {
  readonly id: string
  readonly action: Action
  /** The request that it answers or withdraws; null for all else. */
  readonly request: Request | null
  /** From the button to the final block, as measured here; null while pending, and for an earlier visit's. */
  readonly latencyMs: number | null
  readonly fate: Fate
}

export type Fate =
  | { readonly kind: 'pending' }
  | { readonly kind: 'final'; readonly height: number }
  /** In a block, and without effect. */
  | { readonly kind: 'refused'; readonly height: number; readonly refusal: Refusal }
  /** It will not become final: this tab was removed, or the section stopped. */
  | { readonly kind: 'lost'; readonly reason: string }

export interface Activity {
  /** Oldest first: all that is pending, and the last ones that are not. */
  rows(): readonly Own[]
  /** How many payments ended how, since the start of the section; answers to requests count when they pay. */
  readonly tally: { readonly paid: number; readonly refused: number; readonly lost: number }
  /** Median of the last measured latencies in milliseconds, null without any. */
  medianLatencyMs(): number | null
  submitted(id: string, action: Action, request: Request | null): void
  /** Takes over what a final block says about actions by `me`, also about those of an earlier visit; answers with these. */
  applied(me: PeerId, block: FinalBlock, entries: readonly Entry[]): readonly Own[]
  measured(id: string, latencyMs: number): void
  lost(id: string, reason: string): void
}

export function createActivity(): Activity {
  const pending = new Map<string, Own>()
  const settled = new Map<string, Own>()
  const latencies: number[] = []
  const tally = { paid: 0, refused: 0, lost: 0 }

  function settle(own: Own): void {
    pending.delete(own.id)
    settled.set(own.id, own)
    for (const id of settled.keys()) {
      if (settled.size <= settledMost) break
      settled.delete(id)
    }
    if (!pays(own.action)) return
    if (own.fate.kind === 'final') tally.paid++
    else if (own.fate.kind === 'refused') tally.refused++
    else tally.lost++
  }

  return {
    rows: () => [...settled.values(), ...pending.values()],
    tally,
    medianLatencyMs: () => [...latencies].sort((a, b) => a - b)[Math.floor((latencies.length - 1) / 2)] ?? null,
    submitted(id, action, request) {
      if (!settled.has(id)) pending.set(id, { id, action, request, latencyMs: null, fate: { kind: 'pending' } })
    },
    applied(me, { height }, entries) {
      const mine: Own[] = []
      for (const { id, creator, action, request, refusal } of entries) {
        if (creator !== me || action === null) continue
        const fate: Fate = refusal === null ? { kind: 'final', height } : { kind: 'refused', height, refusal }
        const own = { ...(pending.get(id) ?? { id, action, request, latencyMs: null }), fate }
        settle(own)
        mine.push(own)
      }
      return mine
    },
    measured(id, latencyMs) {
      latencies.push(latencyMs)
      if (latencies.length > latenciesMost) latencies.shift()
      for (const rows of [pending, settled]) {
        const own = rows.get(id)
        if (own) rows.set(id, { ...own, latencyMs })
      }
    },
    lost(id, reason) {
      const own = pending.get(id)
      if (own) settle({ ...own, fate: { kind: 'lost', reason } })
    },
  }
}

function pays(action: Action): boolean {
  return action.kind === 'pay' || (action.kind === 'answer' && action.accept)
}
