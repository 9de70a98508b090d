import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { STALL_MS } from './engine.ts'
import { PULSE_MS, watchPage } from './page-life.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

function rig({ isInterrupted = false } = {}) {
  const window = new EventTarget()
  const document = new EventTarget()
  const log: string[] = []
  let monotonicMs = 0
  let wallMs = 1_000_000
  const stop = watchPage(
    { window, document, isInterrupted, clocks: [() => monotonicMs, () => wallMs] },
    { standDown: (how) => void log.push(how), wake: () => void log.push('wake') },
  )
  return {
    ...{ window, document, log, stop },
    /** Lets time pass on both clocks, then the timers run. */
    pass(ms: number, { machineSlept = false } = {}) {
      wallMs += ms
      if (!machineSlept) monotonicMs += ms
      vi.advanceTimersByTime(PULSE_MS)
    },
    hide(persisted: boolean) {
      window.dispatchEvent(Object.assign(new Event('pagehide'), { persisted }))
    },
    show(persisted: boolean) {
      window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted }))
    },
  }
}

describe('a page', () => {
  test('that is closed stands down before those who listen later hear of it', () => {
    const { window, log } = rig()
    window.addEventListener('pagehide', () => void log.push('hung up'))
    window.dispatchEvent(new Event('pagehide'))
    expect(log).toEqual(['closed', 'hung up'])
  })

  describe('whose browser interrupts once what runs while it is closed', () => {
    /** Each look at the clock takes 10 ms; what was seen when. */
    function looks(log: string[]) {
      let nowMs = 0
      vi.spyOn(performance, 'now').mockImplementation(() => {
        log.push('waits')
        nowMs += 10
        return nowMs
      })
      onTestFinished(() => void vi.restoreAllMocks())
    }

    test('lets that pass, in a listener that has nothing to lose, before it stands down', () => {
      const { log, hide } = rig({ isInterrupted: true })
      looks(log)
      hide(false)
      expect(log.length).toBeGreaterThan(5)
      expect(log.indexOf('closed')).toBe(log.length - 1)
    })

    test('stands down at once where it is kept in the back/forward cache, or the browser is another', () => {
      for (const [isInterrupted, persisted] of [
        [true, true],
        [false, false],
      ] as const) {
        const { log, hide, stop } = rig({ isInterrupted })
        looks(log)
        hide(persisted)
        stop()
        expect(log).toEqual(['closed'])
      }
    })
  })

  test('that is frozen stands down, and wakes when it is thawed', () => {
    const { document, log } = rig()
    document.dispatchEvent(new Event('freeze'))
    document.dispatchEvent(new Event('resume'))
    expect(log).toEqual(['frozen', 'wake'])
  })

  test('that comes back from the back/forward cache wakes; one that is shown for the first time does not', () => {
    const { log, show } = rig()
    show(false)
    expect(log).toEqual([])
    show(true)
    expect(log).toEqual(['wake'])
  })

  test('that was said to go away and still runs wakes by itself', () => {
    const { window, log, pass } = rig()
    window.dispatchEvent(new Event('pagehide'))
    pass(PULSE_MS)
    pass(PULSE_MS)
    expect(log).toEqual(['closed', 'wake'])
  })

  test('whose timers come late stood still', () => {
    const { log, pass } = rig()
    pass(PULSE_MS + STALL_MS)
    expect(log).toEqual([])
    pass(PULSE_MS + STALL_MS + 1)
    expect(log).toEqual(['wake'])
    pass(PULSE_MS)
    expect(log).toEqual(['wake'])
  })

  test('whose machine slept, and with it the monotonic clock, stood still', () => {
    const { log, pass } = rig()
    pass(3_600_000, { machineSlept: true })
    expect(log).toEqual(['wake'])
  })

  test('that nobody watches any more is left alone', () => {
    const { window, log, stop, pass } = rig()
    stop()
    window.dispatchEvent(new Event('pagehide'))
    pass(60_000)
    expect(log).toEqual([])
  })
})
