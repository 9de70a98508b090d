import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, test, vi } from 'vitest'
import { accept } from '../replica/index.ts'
import { SectionProvider, usePeers, useReplica, useSection, useStatus } from './index.ts'

const counter = { version: 1, initial: 0, apply: (count: number) => accept(count + 1) }

function Page() {
  return JSON.stringify([useSection(), useStatus(), usePeers(), useReplica(counter)])
}

test('on a server the hooks answer as before joining, and nothing is joined', () => {
  const join = vi.fn()
  const html = renderToString(createElement(SectionProvider, { join }, createElement(Page)))
  expect(html).toBe('[null,null,[],null]')
  expect(join).not.toHaveBeenCalled()
})

test('outside of a provider a hook throws', () => {
  expect(() => renderToString(createElement(Page))).toThrow('SectionProvider')
})
