/** A Chromium of the test's own, with a profile that outlives it, which can be killed as users and systems kill browsers. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type BrowserContext, chromium } from '@playwright/test'
import { chromiumLaunchOptions } from '../scripts/browsers.ts'

export interface OwnBrowser {
  /** Its tabs and its storage. */
  readonly context: BrowserContext
  /** SIGKILL, for the whole browser or for the processes of its tabs alone. */
  kill(what: 'browser' | 'tabs'): Promise<void>
  close(): Promise<void>
}

const patienceMs = 20_000
const lookEveryMs = 50

/** One browser per profile at a time. */
export async function startOwnBrowser(profile: string): Promise<OwnBrowser> {
  const { executablePath, args } = chromiumLaunchOptions()
  const portFile = join(profile, 'DevToolsActivePort')
  // Left behind by a killed browser, together with its claim on the profile.
  for (const name of ['DevToolsActivePort', 'SingletonLock']) rmSync(join(profile, name), { force: true })
  const own = ['--headless=new', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank']
  const child = spawn(executablePath ?? chromium.executablePath(), [...args, ...own], { stdio: 'ignore' })
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${await portOf(child, portFile)}`)
  const [context] = browser.contexts()
  if (!context) throw new Error('the browser has no default context')
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  return {
    context,
    async kill(what) {
      if (what === 'browser') return await end('SIGKILL')
      const session = await browser.newBrowserCDPSession()
      const { processInfo } = await session.send('SystemInfo.getProcessInfo')
      for (const { type, id } of processInfo) if (type === 'renderer') process.kill(id, 'SIGKILL')
    },
    async close() {
      await browser.close().catch(() => {})
      await end('SIGTERM')
    },
  }
}

async function portOf(child: ChildProcess, file: string): Promise<number> {
  const giveUpMs = performance.now() + patienceMs
  while (performance.now() < giveUpMs) {
    if (child.exitCode !== null) throw new Error(`the browser ended with ${child.exitCode}`)
    const [port] = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
    if (port) return Number(port)
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
  }
  throw new Error('the browser opened no port')
}
