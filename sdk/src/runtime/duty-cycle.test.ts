import { expect, test } from 'vitest'
import { BURST_MS, createDutyCycle, DUTY } from './duty-cycle.ts'

function open() {
  let nowMs = 1_000
  const slept: number[] = []
  const duty = createDutyCycle({
    nowMs: () => nowMs,
    sleep: async (ms) => {
      slept.push(ms)
      nowMs += ms
    },
  })
  return {
    slept,
    pass: (ms: number) => {
      nowMs += ms
    },
    /** Works for so long, and may go on when this resolves. */
    async work(ms: number) {
      nowMs += ms
      duty.worked(ms)
      await duty.rest()
    },
  }
}

test('who works all the time rests as long as it works', async () => {
  const { work, slept } = open()
  for (let i = 0; i < 200; i++) await work(10)
  const restedMs = slept.reduce((sum, ms) => sum + ms, 0)
  expect(restedMs / (200 * 10 + restedMs)).toBeCloseTo(1 - DUTY, 1)
})

test('a burst does not wait, nor does the next one after a while', async () => {
  const { work, slept, pass } = open()
  for (let burst = 0; burst < 3; burst++) {
    for (let i = 0; i < BURST_MS / 10; i++) await work(10)
    pass(BURST_MS / DUTY)
  }
  expect(slept).toEqual([])
})

test('work that comes seldom never waits, however long there was none before', async () => {
  const { work, slept, pass } = open()
  pass(60_000)
  for (let i = 0; i < 200; i++) {
    pass(21)
    await work(10)
  }
  expect(slept).toEqual([])
})

test('one long piece of work does not keep it silent for long', async () => {
  const { work, slept } = open()
  await work(10_000)
  await work(0)
  expect(slept).toEqual([50])
})
