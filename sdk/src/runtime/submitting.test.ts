import { expect, test } from 'vitest'
import { MAX_PENDING } from './history.ts'
import type { SectionHost } from './news.ts'
import { ownRandom } from './opening.ts'
import { offline, openInFront } from './session.ts'

/** A section in front of a host that only notes what it is told. */
async function openNoted() {
  const calls: string[] = []
  const host = {
    submit: (submissions) => void calls.push(`submit ${submissions.length}`),
    leave: async () => void calls.push('leave'),
    close: async () => void calls.push('close'),
  } as Partial<SectionHost> as SectionHost
  const { section } = await openInFront(
    async (begin) => {
      begin('aa'.repeat(32))
      return host
    },
    {
      nowMs: () => 0,
      random: ownRandom,
      transport: () => offline,
    },
  )
  return { section, calls }
}

test('what is submitted in one turn is handed on together, in the same turn', async () => {
  const { section, calls } = await openNoted()
  section.submit(1)
  section.submit(2)
  expect(calls).toEqual([])
  await Promise.resolve()
  section.submit(3)
  await Promise.resolve()
  expect(calls).toEqual(['submit 2', 'submit 1'])
  await section.close()
})

test('what was submitted stands before the leave or the close that follows', async () => {
  for (const end of ['leave', 'close'] as const) {
    const { section, calls } = await openNoted()
    section.submit(1)
    await section[end]()
    expect(calls).toEqual(['submit 1', end])
  }
})

test('a caller is told `tooManyPending` once as much waits as may', async () => {
  const { section, calls } = await openNoted()
  for (let i = 0; i < MAX_PENDING; i++) section.submit(i)
  expect(() => section.submit(0)).toThrow(expect.objectContaining({ code: 'tooManyPending' }))
  await Promise.resolve()
  expect(calls).toEqual([`submit ${MAX_PENDING}`])
  await section.close()
})
