import { expect, test } from 'vitest'
import { createDoubles } from './doubles.ts'

const [A, B] = ['a'.repeat(64), 'b'.repeat(64)]

/** Connected to these; counts how often it was concluded that another session took our place. */
function connected(...peers: string[]) {
  const up = new Set(peers)
  let concluded = 0
  const doubles = createDoubles(
    () => up.size === 0,
    () => {
      concluded++
    },
  )
  return {
    replaced: doubles.replaced,
    down(peer: string) {
      up.delete(peer)
      doubles.peerDown(peer)
    },
    up(peer: string) {
      up.add(peer)
      doubles.peerUp(peer)
    },
    concluded: () => concluded,
  }
}

test('whoever loses the last connection to a peer that goes on with another session has been replaced', () => {
  const tab = connected(A, B)
  tab.replaced(A)
  tab.down(A)
  expect(tab.concluded()).toBe(0)
  tab.replaced(B)
  tab.down(B)
  expect(tab.concluded()).toBe(1)
})

test('one peer is not believed while another is there, nor when that one leaves for other reasons', () => {
  const tab = connected(A, B)
  tab.replaced(A)
  tab.down(A)
  tab.down(B)
  expect(tab.concluded()).toBe(0)
})

test('what a peer said is forgotten when it comes back to us', () => {
  const tab = connected(A)
  tab.up(B)
  tab.replaced(B)
  tab.down(B)
  tab.up(B)
  tab.down(A)
  tab.down(B)
  expect(tab.concluded()).toBe(0)
})
