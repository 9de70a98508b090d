/** A steady load on test peers, and what it met with. Runs in the page. */
import type { Page } from './site.ts'

export interface Load {
  /** Of the labels: `prefix-0`, `prefix-1`, … */
  readonly prefix: string
  readonly count: number
  readonly everyMs: number
  readonly bytes: number
}

export interface Met {
  readonly latenciesMs: readonly number[]
  /** Most bytes that were buffered for any one peer. */
  readonly bufferedBytes: number
}

/** Resolves once all of it is final in this tab. */
export function applyLoad(peer: Page, load: Load): Promise<Met> {
  return peer.evaluate(async ({ prefix, count, everyMs, bytes }) => {
    const { section } = globalThis
    const receipts: Promise<{ readonly latencyMs: number }>[] = []
    let bufferedBytes = 0
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const value = { label: `${prefix}-${receipts.length}`, filler: new Uint8Array(bytes) }
        receipts.push(section.submit(value).final)
        const links = section.diagnostics().transport.peers.map((link) => link.bufferedBytes)
        bufferedBytes = Math.max(bufferedBytes, ...links)
        if (receipts.length < count) return
        clearInterval(timer)
        resolve()
      }, everyMs)
    })
    return { latenciesMs: (await Promise.all(receipts)).map(({ latencyMs }) => latencyMs), bufferedBytes }
  }, load)
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
