/** Makes payments at a rate or as many as settle, and keeps what became of them. */

import { createTally, type Histogram } from '../../../sdk/bench/histogram.ts'
import { exponential } from './random.ts'
import type { Payment, Subject } from './subject.ts'

export interface LoadTerms {
  /** Of this tab, at random times (a Poisson process). Null: as many as settle, which is saturation. */
  readonly perSecond: number | null
  /** No more of this tab's payments are under way at a time; what a rate would have beyond is withheld, and counted. */
  readonly outstanding: number
  readonly seed: number
}

/** Since the last `restart`. */
export interface Counted {
  readonly sinceMs: number
  readonly atMs: number
  readonly submitted: number
  readonly settled: number
  readonly withheld: number
  /** In this tab, own ones included. */
  readonly delivered: number
  readonly outstanding: number
  /** From the submission of an own payment until it settled. */
  readonly settling: Histogram
  /** From the submission of another tab's payment until it was delivered here, by the clocks of both. */
  readonly arriving: Histogram
}

export interface Load {
  start(subject: Subject, terms: LoadTerms): void
  /** Resolves once nothing is under way, or after so long, with how many payments have not settled. */
  stop(patienceMs: number): Promise<number>
  delivered(payment: Payment): void
  /** Starts counting anew. */
  restart(): void
  counted(): Counted
}

const to = '5a'.repeat(32)
const noteBytes = 106
const everyMs = 4
/** Longer than this no page stands still for its own submissions. */
const turnMs = 8

export function createLoad(tab: number): Load {
  let counts = { submitted: 0, settled: 0, withheld: 0, delivered: 0 }
  let settling = createTally()
  let arriving = createTally()
  let sinceMs = clockMs()
  let outstanding = 0
  let timer: ReturnType<typeof setInterval> | undefined
  let emptied = () => {}
  let loads = 0

  function pay(subject: Subject): void {
    const submittedAtMs = clockMs()
    const note = `${submittedAtMs.toFixed(2)} `.padEnd(noteBytes, '.')
    const load = loads
    counts.submitted++
    outstanding++
    subject.submit({ kind: 'pay', to, amount: tab, note }, () => {
      // Of an earlier load, given up.
      if (load !== loads) return
      outstanding--
      counts.settled++
      settling.add(clockMs() - submittedAtMs)
      if (outstanding === 0) emptied()
    })
  }

  function saturate(subject: Subject, most: number): void {
    const untilMs = performance.now() + turnMs
    while (outstanding < most && performance.now() < untilMs) pay(subject)
  }

  function atRate(subject: Subject, perSecond: number, { outstanding: most, seed }: LoadTerms): () => void {
    const gapMs = exponential(seed, 1000 / perSecond)
    let dueMs = performance.now() + gapMs()
    return () => {
      const nowMs = performance.now()
      for (; dueMs <= nowMs; dueMs += gapMs()) {
        if (outstanding < most) pay(subject)
        else counts.withheld++
      }
    }
  }

  return {
    start(subject, terms) {
      const { perSecond } = terms
      const turn = perSecond === null ? () => saturate(subject, terms.outstanding) : atRate(subject, perSecond, terms)
      timer = setInterval(turn, everyMs)
    },
    async stop(patienceMs) {
      clearInterval(timer)
      if (outstanding > 0) {
        await new Promise<void>((resolve) => {
          emptied = resolve
          setTimeout(resolve, patienceMs)
        })
      }
      const unsettled = outstanding
      loads++
      outstanding = 0
      return unsettled
    },
    delivered({ amount, note }) {
      counts.delivered++
      if (amount !== tab) arriving.add(clockMs() - Number.parseFloat(note))
    },
    restart() {
      sinceMs = clockMs()
      counts = { submitted: 0, settled: 0, withheld: 0, delivered: 0 }
      settling = createTally()
      arriving = createTally()
    },
    counted: () => ({
      sinceMs,
      atMs: clockMs(),
      ...counts,
      outstanding,
      settling: settling.histogram(),
      arriving: arriving.histogram(),
    }),
  }
}

/** Common to all tabs of a machine, as far as the wall clock was not set in between. */
function clockMs(): number {
  return performance.timeOrigin + performance.now()
}
