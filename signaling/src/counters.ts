/** Plain numbers that the hot path adds to; `metrics.ts` shows them to Prometheus. Imports the refusals only. */
import { type RefusalCode, refusals } from './refusals.ts'

export interface Counters {
  connections: number
  frames: number
  framesBytes: number
  publishes: number
  deliveries: number
  deliveriesBytes: number
  iceCredentials: number
  readonly refused: Record<RefusalCode, number>
}

export const createCounters = (): Counters => ({
  connections: 0,
  frames: 0,
  framesBytes: 0,
  publishes: 0,
  deliveries: 0,
  deliveriesBytes: 0,
  iceCredentials: 0,
  refused: Object.fromEntries(Object.keys(refusals).map((code) => [code, 0])) as Record<RefusalCode, number>,
})
