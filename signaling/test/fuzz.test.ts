import { expect, test } from 'vitest'
import { fuzz } from './fuzz.ts'

const seed = 20_260

test(`20,000 random and mutated frames (seed ${seed}) neither end the server nor cost a well-behaved pair a message`, {
  timeout: 30_000,
}, async () => {
  const result = await fuzz({ seed, frames: 20_000, sockets: 20 })
  console.log(JSON.stringify(result))
  expect(result.framesSent).toBeGreaterThanOrEqual(20_000)
  // The rest came after the frame that ended its socket.
  expect(result.metrics['frames_total']).toBeGreaterThan(17_000)
  expect(result.missedMessage).toBeNull()
  expect(result.pairReceived).toBe(result.pairSent)
  expect(result.metrics).toMatchObject({ sockets: 2, topics: 1 })
})
