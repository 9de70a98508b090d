/** What a page tells of its own life: that it goes away, is frozen, comes back, or stood still without a word. */
import { STALL_MS } from './engine.ts'

export interface PageLifeHandlers {
  /** Whatever has to be done is done when this returns: the page may never run again. */
  standDown(how: 'closed' | 'frozen'): void
  wake(): void
}

/** How often the own clock is looked at. */
export const PULSE_MS = 1_000

type Listening = Pick<EventTarget, 'addEventListener' | 'removeEventListener'>

export interface Page {
  /** Null where there is no such thing, as in Node. */
  readonly window: Listening | null
  readonly document: Listening | null
  /** Milliseconds of clocks of which at least one goes on while the machine sleeps. */
  readonly clocks: readonly (() => number)[]
}

export function ownPage(): Page {
  const host = globalThis as { readonly addEventListener?: unknown; readonly document?: Listening }
  return {
    window: typeof host.addEventListener === 'function' ? (globalThis as Listening) : null,
    document: host.document ?? null,
    clocks: [() => performance.now(), () => Date.now()],
  }
}

/** Answers with the function that ends it. */
export function watchPage({ window, document, clocks }: Page, handlers: PageLifeHandlers): () => void {
  let isDown = false
  let seenMs = clocks.map((clock) => clock())

  const standDown = (how: 'closed' | 'frozen') => () => {
    isDown = true
    handlers.standDown(how)
  }
  const wake = () => {
    isDown = false
    seenMs = clocks.map((clock) => clock())
    handlers.wake()
  }
  const onPageShow = (event: Event) => {
    if ((event as PageTransitionEvent).persisted) wake()
  }
  const pulse = setInterval(() => {
    const before = seenMs
    seenMs = clocks.map((clock) => clock())
    const isLate = seenMs.some((ms, i) => ms - (before[i] as number) > PULSE_MS + STALL_MS)
    // Whoever runs again is not closed, whatever was announced.
    if (isLate || isDown) wake()
  }, PULSE_MS)
  const listeners = [
    [window, 'pagehide', standDown('closed')],
    [document, 'freeze', standDown('frozen')],
    [window, 'pageshow', onPageShow],
    [document, 'resume', wake],
  ] as const
  for (const [target, name, listener] of listeners) target?.addEventListener(name, listener)
  return () => {
    clearInterval(pulse)
    for (const [target, name, listener] of listeners) target?.removeEventListener(name, listener)
  }
}
