/**
 * A Chromium that is driven over the DevTools protocol alone. Playwright tells every page that it is seen; here a tab
 * behind another one is hidden, its timers are throttled, and it can be frozen.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { chromium } from '@playwright/test'
import { chromiumLaunchOptions } from '../scripts/browsers.ts'
import { createProfile } from './profile.ts'

export interface BareTab {
  /** The value of an expression, as JSON carries it. */
  evaluate(expression: string): Promise<unknown>
  setLifecycle(state: 'frozen' | 'active'): Promise<void>
}

export interface BareBrowser {
  /** In front of the others, which are hidden from then on. */
  open(url: string): Promise<BareTab>
  close(): Promise<void>
}

type Send = (method: string, params?: object, sessionId?: string) => Promise<Record<string, unknown>>

export async function startBareBrowser(): Promise<BareBrowser> {
  const profile = createProfile()
  const { executablePath, args } = chromiumLaunchOptions()
  const own = ['--headless=new', '--remote-debugging-pipe', `--user-data-dir=${profile.parent}`, 'about:blank']
  const child = spawn(executablePath ?? chromium.executablePath(), [...args, ...own], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  })
  const send = connect(child.stdio[3] as Writable, child.stdio[4] as Readable)
  return {
    async open(url) {
      const { targetId } = await send('Target.createTarget', { url })
      const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true })
      const ask = (method: string, params: object) => send(method, params, String(sessionId))
      return {
        async evaluate(expression) {
          const { result } = await ask('Runtime.evaluate', { expression, returnByValue: true })
          return (result as { readonly value?: unknown }).value
        },
        async setLifecycle(state) {
          await ask('Page.setWebLifecycleState', { state })
        },
      }
    },
    async close() {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      await profile.remove()
    },
  }
}

/** Messages are JSON with a zero byte behind. */
function connect(into: Writable, from: Readable): Send {
  const waiting = new Map<number, (answer: Record<string, unknown>) => void>()
  let last = 0
  let text = ''
  from.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (text + chunk).split('\0')
    text = parts.pop() ?? ''
    for (const part of parts) {
      const message = JSON.parse(part) as { id?: number; result?: Record<string, unknown> }
      if (message.id === undefined) continue
      waiting.get(message.id)?.(message.result ?? {})
      waiting.delete(message.id)
    }
  })
  return (method, params = {}, sessionId) =>
    new Promise((resolve) => {
      const id = ++last
      waiting.set(id, resolve)
      into.write(`${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`)
    })
}
