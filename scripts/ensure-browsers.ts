/** Makes sure of the browsers that tests run in, installing what is missing where that is possible. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { chromium, firefox, type LaunchOptions, webkit } from 'playwright'
import { askedBrowsers, type BrowserName, browserNames, launchOptionsOf } from './browsers.ts'
import { run, runNode } from './processes.ts'

export interface EnsuredBrowser {
  readonly name: BrowserName
  /** Null when tests cannot run in it. */
  readonly version: string | null
  /** Why not; empty when they can. */
  readonly reason: string
}

const types = { chromium, firefox, webkit }
const playwrightCli = join(dirname(createRequire(import.meta.url).resolve('playwright/package.json')), 'cli.js')
const downloadLimitMs = 10 * 60_000

/** Every browser there is to test in, whether it is here or not. What `BROWSERS` does not name is left out, and not installed. */
export async function ensureBrowsers(): Promise<EnsuredBrowser[]> {
  const asked = askedBrowsers()
  const all: EnsuredBrowser[] = []
  for (const name of browserNames) {
    const isAsked = asked === null || asked.includes(name)
    all.push(isAsked ? await ensure[name]() : { name, version: null, reason: 'not among BROWSERS' })
  }
  return all
}

const ensure: Readonly<Record<BrowserName, () => Promise<EnsuredBrowser>>> = {
  async chromium() {
    const found = await tried('chromium')
    if (found.version !== null) return found
    console.log(`chromium ${found.reason}; downloading the one that Playwright manages`)
    await runNode([playwrightCli, 'install', 'chromium'], downloadLimitMs)
    const downloaded = await tried('chromium')
    return downloaded.version === null ? fromDebian('chromium', 'chromium', 'CHROMIUM_PATH') : downloaded
  },
  async firefox() {
    const found = await tried('firefox')
    return found.version === null ? fromDebian('firefox', 'firefox-esr', 'FIREFOX_PATH') : found
  },
  webkit: () => tried('webkit'),
}

/** As `tried`, after installing Debian's package where that can be done. */
async function fromDebian(name: BrowserName, program: string, variable: string): Promise<EnsuredBrowser> {
  if (!isDebianRoot()) return tried(name)
  console.log(`Installing Debian's ${program}`)
  await run('apt-get', ['update'], downloadLimitMs)
  await run('apt-get', ['install', '--yes', '--no-install-recommends', program], downloadLimitMs)
  // One that was there before and does not start would be found first.
  if (existsSync(`/usr/bin/${program}`)) process.env[variable] = `/usr/bin/${program}`
  return tried(name)
}

async function tried(name: BrowserName): Promise<EnsuredBrowser> {
  const launch = launchOptionsOf(name)
  if (launch === null) return { name, version: null, reason: notFound[name] }
  try {
    return { name, ...(await looked(name, launch)) }
  } catch (error) {
    return { name, version: null, reason: `does not start: ${String(error).split('\n')[0]}` }
  }
}

const notFound: Readonly<Record<BrowserName, string>> = {
  chromium: 'was not found: install Chromium or Google Chrome, or set CHROMIUM_PATH',
  firefox: 'was not found: install Firefox, or set FIREFOX_PATH',
  webkit: "was not found: Playwright's own build is needed (npx playwright install webkit)",
}

/** That it starts is not enough: builds of WebKit come without WebRTC, and not every Firefox opens a page for Playwright. */
async function looked(name: BrowserName, launch: LaunchOptions): Promise<{ version: string | null; reason: string }> {
  const browser = await types[name].launch(launch)
  try {
    const page = await browser.newPage()
    const connects = await page.evaluate(() => 'RTCPeerConnection' in globalThis)
    return connects ? { version: browser.version(), reason: '' } : { version: null, reason: 'has no WebRTC' }
  } finally {
    await browser.close()
  }
}

function isDebianRoot(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
}
