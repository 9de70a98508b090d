import { expect, test, vi } from 'vitest'
import { createFakeSection, settled } from '../../test/fake-section.ts'
import type { Section } from '../index.ts'
import { createMembership } from './membership.ts'

function open() {
  const fakes: ReturnType<typeof createFakeSection>[] = []
  const join = vi.fn(async (_: AbortSignal): Promise<Section> => {
    const fake = createFakeSection(`tab-${fakes.length}`)
    fakes.push(fake)
    return fake.section
  })
  const membership = createMembership(join)
  return { fakes, join, membership }
}

test('nothing is joined before somebody listens', async () => {
  const { join, membership } = open()
  await settled()
  expect(membership.current()).toEqual({ kind: 'joining' })
  expect(join).not.toHaveBeenCalled()
})

test('the first listener joins, further ones share the section, the last one closes and does not leave it', async () => {
  const { fakes, join, membership } = open()
  const listener = vi.fn()
  const ends = [membership.subscribe(listener), membership.subscribe(() => {})]
  await settled()
  expect(join).toHaveBeenCalledTimes(1)
  expect(listener).toHaveBeenCalledTimes(1)
  expect(membership.current()).toEqual({ kind: 'joined', section: fakes[0]?.section })
  ends[0]?.()
  await settled()
  expect(fakes[0]?.calls).toEqual([])
  ends[1]?.()
  await settled()
  expect(fakes[0]?.calls).toEqual(['close'])
  expect(membership.current()).toEqual({ kind: 'joining' })
})

test('who leaves and comes back in one turn finds the section as it was', async () => {
  const { fakes, join, membership } = open()
  membership.subscribe(() => {})()
  const end = membership.subscribe(() => {})
  await settled()
  end()
  membership.subscribe(() => {})
  await settled()
  expect(join).toHaveBeenCalledTimes(1)
  expect(fakes[0]?.calls).toEqual([])
})

test('who leaves while it is joining gives up, and what is joined all the same is closed', async () => {
  const { fakes, join, membership } = open()
  const end = membership.subscribe(() => {})
  await Promise.resolve()
  end()
  await settled()
  expect(join.mock.calls[0]?.[0].aborted).toBe(true)
  expect(fakes[0]?.calls).toEqual(['close'])
})

test('who comes back later joins anew, after the former section is closed and its identity is free', async () => {
  const { fakes, join, membership } = open()
  const end = membership.subscribe(() => {})
  await settled()
  let closed = () => {}
  vi.spyOn(fakes[0]?.section as Section, 'close').mockReturnValue(
    new Promise((resolve) => {
      closed = resolve
    }),
  )
  end()
  await settled()
  membership.subscribe(() => {})
  await settled()
  expect(join).toHaveBeenCalledTimes(1)
  closed()
  await settled()
  expect(join).toHaveBeenCalledTimes(2)
  expect(membership.current()).toEqual({ kind: 'joined', section: fakes[1]?.section })
})

test('an error is told, and forgotten with the last listener', async () => {
  const error = new Error('nobody there')
  const membership = createMembership(() => Promise.reject(error))
  const listener = vi.fn()
  const end = membership.subscribe(listener)
  await settled()
  expect(membership.current()).toEqual({ kind: 'failed', error })
  expect(listener).toHaveBeenCalledTimes(1)
  end()
  await settled()
  expect(membership.current()).toEqual({ kind: 'joining' })
})
