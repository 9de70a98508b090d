/** This tab's own payments, from the button to the final block. Imports the ledger's types. */
import type { FinalBlock, PeerId } from 'parsec-web'
import type { Entry, Refusal } from './ledger.ts'

export interface OwnPayment {
  readonly id: string
  readonly to: PeerId
  readonly amount: number
  readonly note: string
  /** From the button to the final block, as measured here; null while pending, and for an earlier visit's. */
  readonly latencyMs: number | null
  readonly state:
    | { readonly kind: 'pending' }
    | { readonly kind: 'final'; readonly height: number; readonly refusal: Refusal | null }
    /** It will not become final: this tab was removed, or the section stopped. */
    | { readonly kind: 'lost'; readonly reason: string }
}

/** Oldest first. */
export type OwnPayments = readonly OwnPayment[]

export function withSubmitted(payments: OwnPayments, payment: Omit<OwnPayment, 'state' | 'latencyMs'>): OwnPayments {
  if (payments.some(({ id }) => id === payment.id)) return payments
  return [...payments, { ...payment, latencyMs: null, state: { kind: 'pending' } }]
}

/** Takes over what a final block says about payments by `me`, also about those of an earlier visit. */
export function withBlock(
  payments: OwnPayments,
  me: PeerId,
  block: FinalBlock,
  entries: readonly Entry[],
): OwnPayments {
  const own = new Map(entries.filter((entry) => entry.creator === me).map((entry) => [entry.id, entry]))
  if (own.size === 0) return payments
  const updated = payments.map((payment) => {
    const entry = own.get(payment.id)
    own.delete(payment.id)
    return entry ? { ...payment, state: finalState(block, entry) } : payment
  })
  const earlier = [...own.values()].flatMap((entry) => {
    if (entry.action?.kind !== 'pay') return []
    const { to, amount, note } = entry.action
    return [{ id: entry.id, to, amount, note, latencyMs: null, state: finalState(block, entry) }]
  })
  return [...updated, ...earlier]
}

export function withLatency(payments: OwnPayments, id: string, latencyMs: number): OwnPayments {
  return payments.map((payment) => (payment.id === id ? { ...payment, latencyMs } : payment))
}

export function withLoss(payments: OwnPayments, id: string, reason: string): OwnPayments {
  return payments.map((payment) => (payment.id === id ? { ...payment, state: { kind: 'lost', reason } } : payment))
}

/** Median of the measured latencies in milliseconds, null without any. */
export function medianLatencyMs(payments: OwnPayments): number | null {
  const latencies = payments.flatMap(({ latencyMs }) => latencyMs ?? []).sort((a, b) => a - b)
  return latencies[Math.floor((latencies.length - 1) / 2)] ?? null
}

function finalState(block: FinalBlock, entry: Entry): OwnPayment['state'] {
  return { kind: 'final', height: block.height, refusal: entry.refusal }
}
