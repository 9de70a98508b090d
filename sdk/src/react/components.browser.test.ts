import { act, Component, createElement, type ReactNode, StrictMode } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { blockAfter, createFakeSection, type FakeSection, settled } from '../../test/fake-section.ts'
import { accept, type Machine } from '../replica/index.ts'
import { SectionProvider, usePeers, useReplica, useSection, useStatus } from './index.ts'

const counter: Machine<number> = { version: 1, initial: 0, apply: (count, { value }) => accept(count + Number(value)) }

let root: Root
let place: HTMLElement
let fakes: FakeSection[]
const join = vi.fn()

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
  fakes = []
  join.mockReset().mockImplementation(async () => {
    const fake = createFakeSection('ann')
    fakes.push(fake)
    return fake.section
  })
  place = document.createElement('div')
  root = createRoot(place)
})

afterEach(async () => {
  await act(() => root.unmount())
  vi.unstubAllGlobals()
})

/** Under StrictMode, in which React mounts everything twice. */
async function show(...children: readonly ReactNode[]): Promise<void> {
  await act(async () => {
    root.render(createElement(StrictMode, null, createElement(SectionProvider, { join }, ...children)))
    await settled()
  })
}

function Counter() {
  const replica = useReplica(counter)
  if (!replica) return 'joining '
  return createElement(
    'button',
    { type: 'button', onClick: () => replica.submit(1) },
    `${replica.final}/${replica.view} `,
  )
}

function Members() {
  return `${useStatus()?.state} ${usePeers().map(({ peer }) => peer)} `
}

test('mounted twice by StrictMode, the provider joins once, and closes when it is unmounted for good', async () => {
  await show(createElement(Members))
  expect(place.textContent).toBe('ready ann ')
  expect(join).toHaveBeenCalledTimes(1)
  expect(fakes[0]?.calls).toEqual([])
  await act(async () => {
    root.render(null)
    await settled()
  })
  expect(fakes[0]?.calls).toEqual(['close'])
  expect(fakes[0]?.listeners).toBe(0)
})

test('status and members are shown as they change', async () => {
  await show(createElement(Members))
  const member = { voter: false, online: true, asleep: false }
  await act(() =>
    fakes[0]?.setStatus({
      state: 'stalled',
      members: [
        { peer: 'ben', ...member },
        { peer: 'cas', ...member },
      ],
    }),
  )
  expect(place.textContent).toBe('stalled ben,cas ')
})

test('components with the same machine share one replica: a click shows in both at once, and is final with its block', async () => {
  await show(createElement(Counter), createElement(Counter))
  expect(place.textContent).toBe('0/0 0/0 ')
  await act(() => place.querySelector('button')?.click())
  expect(place.textContent).toBe('0/1 0/1 ')
  expect(fakes[0]?.submitted).toHaveLength(1)
  await act(async () => {
    fakes[0]?.deliver(blockAfter(null, fakes[0]?.submitted ?? []))
    await settled()
  })
  expect(place.textContent).toBe('1/1 1/1 ')
})

test('a replica ends with the last component that uses it, and begins anew with the next one', async () => {
  await show(createElement(Counter), createElement(Members))
  const listeners = fakes[0]?.listeners ?? 0
  await show(createElement(Members))
  expect(fakes[0]?.listeners).toBeLessThan(listeners)
  await act(() => fakes[0]?.deliver(blockAfter(null, [{ id: 'x', creator: 'ben', value: 4 }])))
  await show(createElement(Members), createElement(Counter))
  expect(place.textContent).toContain('4/4')
})

test('an inline machine is the one of the first rendering', async () => {
  const Inline = () => `${useReplica({ ...counter })?.view}`
  await show(createElement(Inline))
  expect(place.textContent).toBe('0')
})

test('the error with which joining failed reaches the error boundary', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  class Boundary extends Component<{ readonly children?: ReactNode }> {
    static getDerivedStateFromError = (error: Error) => ({ error })
    override state: { readonly error?: Error } = {}
    override render() {
      return this.state.error?.message ?? this.props.children
    }
  }
  const Who = () => useSection()?.me ?? 'joining'
  join.mockReset().mockRejectedValue(new Error('not let in'))
  await show(createElement(Boundary, null, createElement(Who)))
  expect(place.textContent).toBe('not let in')
})
