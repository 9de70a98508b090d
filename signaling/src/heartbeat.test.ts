import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Beating, nowhere, startHeartbeat } from './heartbeat.ts'

interface Member extends Beating {
  readonly id: number
}

const intervalMs = 30_000

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const start = (count: number) => {
  const asked: number[] = []
  const heartbeat = startHeartbeat<Member>(intervalMs, ({ id }) => asked.push(id))
  const members = Array.from({ length: count }, (_, id): Member => ({ id, part: nowhere, position: nowhere }))
  for (const member of members) heartbeat.add(member)
  return { heartbeat, members, asked }
}

test('asks every member once per interval', () => {
  const { asked, heartbeat } = start(100)
  vi.advanceTimersByTime(intervalMs)
  expect(asked.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, id) => id))
  vi.advanceTimersByTime(intervalMs)
  expect(asked.length).toBe(200)
  heartbeat.stop()
  vi.advanceTimersByTime(intervalMs)
  expect(asked.length).toBe(200)
})

test('asks nobody in the first half of the interval after they joined, and in the second no more than a share each tick', () => {
  const { asked } = start(150)
  vi.advanceTimersByTime(intervalMs / 2)
  expect(asked.length).toBe(0)
  for (let tick = 0; tick < 15; tick++) {
    const before = asked.length
    vi.advanceTimersByTime(1_000)
    expect(asked.length - before).toBe(10)
  }
})

test('knows its members while they come and go in any order', () => {
  const { heartbeat, members, asked } = start(60)
  for (const member of members) if (member.id % 2 !== 0) heartbeat.remove(member)
  const left = members.filter(({ id }) => id % 2 === 0)
  expect(heartbeat.size).toBe(left.length)
  expect(new Set(heartbeat.members())).toEqual(new Set(left))
  vi.advanceTimersByTime(intervalMs)
  expect(new Set(asked)).toEqual(new Set(left.map(({ id }) => id)))
})

test('removing twice is removing once', () => {
  const { heartbeat, members } = start(40)
  const [first] = members
  if (first) for (let times = 0; times < 2; times++) heartbeat.remove(first)
  expect(heartbeat.size).toBe(39)
  expect(heartbeat.members()).not.toContain(first)
})

test('asks all of a part, although those that are asked leave', () => {
  const asked: number[] = []
  const heartbeat = startHeartbeat<Member>(1_000, (member) => {
    asked.push(member.id)
    heartbeat.remove(member)
  })
  for (let id = 0; id < 5; id++) heartbeat.add({ id, part: nowhere, position: nowhere })
  vi.advanceTimersByTime(1_000)
  expect(asked).toEqual([0, 1, 2, 3, 4])
  expect(heartbeat.size).toBe(0)
})
