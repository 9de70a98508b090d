import { expect, test } from 'vitest'
import { createChannel, type Endpoint } from './channel.ts'

// Types, not interfaces: only these count as records.
type Nothing = Record<never, never>

function open() {
  const posted: unknown[][] = []
  const endpoint: Endpoint = {
    postMessage: (items) => void posted.push((items as { notice: unknown }[]).map(({ notice }) => notice)),
    addEventListener: () => {},
  }
  const channel = createChannel<string, never, Nothing, Nothing>({ endpoint, hear: () => {}, answers: {} })
  return { channel, posted }
}

test('what is told in one turn travels as one message, in its order', async () => {
  const { channel, posted } = open()
  channel.tell('one')
  channel.tell('two')
  await Promise.resolve()
  channel.tell('three')
  await Promise.resolve()
  expect(posted).toEqual([['one', 'two'], ['three']])
})

test('what is told before the next waits for it, however long, and precedes it', async () => {
  const { channel, posted } = open()
  channel.tellBeforeNext('stored')
  await new Promise((resolve) => setImmediate(resolve))
  expect(posted).toEqual([])
  channel.tell('send')
  channel.tellBeforeNext('stored again')
  await Promise.resolve()
  expect(posted).toEqual([['stored', 'send', 'stored again']])
})
