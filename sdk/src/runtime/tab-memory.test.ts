import { expect, test } from 'vitest'
import { createTabMemory } from './tab-memory.ts'

function storage() {
  const kept = new Map<string, string>()
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  }
}

test('a tab remembers whom it was last, room by room', () => {
  const page = storage()
  const tab = (room: string) => createTabMemory(() => page, room)
  expect(tab('one').recall()).toBeNull()
  tab('one').keep('a')
  tab('two').keep('b')
  tab('one').keep('c')
  expect(tab('one').recall()).toBe('c')
  expect(tab('two').recall()).toBe('b')
})

test('a page without such storage, or that may not use it, remembers nothing and does not fail', () => {
  const denied = createTabMemory(() => {
    throw new DOMException('simulated', 'SecurityError')
  }, 'room')
  const full = createTabMemory(() => {
    const setItem = () => {
      throw new DOMException('simulated', 'QuotaExceededError')
    }
    return { ...storage(), setItem }
  }, 'room')
  for (const tab of [denied, full]) {
    tab.keep('a')
    expect(tab.recall()).toBeNull()
  }
})
