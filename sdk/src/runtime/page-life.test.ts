import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { STALL_MS } from './engine.ts'
import { PULSE_MS, watchPage } from './page-life.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

function rig() {
  const window = new EventTarget()
  const document = new EventTarget()
  const log: string[] = []
  let monotonicMs = 0
  let wallMs = 1_000_000
  const stop = watchPage(
    { window, document, clocks: [() => monotonicMs, () => wallMs] },
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
