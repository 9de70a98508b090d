/** What a page tells of its own life: that it goes away, is frozen, comes back, or stood still without a word. */
import { STALL_MS } from './engine.ts'

export interface PageLifeHandlers {
  /** Whatever has to be done is done when this returns: the page may never run again. */
  standDown(how: 'closed' | 'frozen'): void
  wake(): void
}

/** How often the own clock is looked at. */
export const PULSE_MS = 1_000

/**
 * For how long an interruption is waited for. On a busy machine a few come later. Paid at each reload in such a browser,
 * too: no page knows whether its process ends with it.
 */
const INTERRUPTION_MS = 100

type Listening = Pick<EventTarget, 'addEventListener' | 'removeEventListener'>

export interface Page {
  /** Null where there is no such thing, as in Node. */
  readonly window: Listening | null
  readonly document: Listening | null
  /**
   * While the process of a page ends, the browser cuts off, once, whatever script runs then or next, between any two of its
   * steps; listeners after that one run in whole. So does Firefox (`dom.abort_script_on_child_shutdown`).
   */
  readonly isInterrupted: boolean
  /** Milliseconds of clocks of which at least one goes on while the machine sleeps. */
  readonly clocks: readonly (() => number)[]
}

export function ownPage(): Page {
  const host = globalThis as { readonly addEventListener?: unknown; readonly document?: Listening }
  const userAgent = globalThis.navigator?.userAgent ?? ''
  return {
    window: typeof host.addEventListener === 'function' ? (globalThis as Listening) : null,
    document: host.document ?? null,
    isInterrupted: / Firefox\/\d/.test(userAgent),
    clocks: [() => performance.now(), () => Date.now()],
  }
}

/** Answers with the function that ends it. */
export function watchPage({ window, document, isInterrupted, clocks }: Page, handlers: PageLifeHandlers): () => void {
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
  // The interruption ends this listener in the place of one that must not be ended in its middle.
  const onInterrupted = (event: Event) => {
    if (!isInterrupted || (event as PageTransitionEvent).persisted) return
    const endMs = performance.now() + INTERRUPTION_MS
    while (performance.now() < endMs);
  }
  const listeners = [
    [window, 'pagehide', onInterrupted],
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
