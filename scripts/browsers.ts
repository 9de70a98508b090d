/** Finds the browsers that tests run in. Imports Node and Playwright only. */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium, firefox } from 'playwright'

const chromiumNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const chromiumPlaces = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]
const firefoxNames = ['firefox-esr', 'firefox']
const firefoxPlaces = ['/Applications/Firefox.app/Contents/MacOS/firefox']

/** Path of a Chromium: `CHROMIUM_PATH`, else the one that Playwright manages, else the system's; null when there is none. */
export function findChromium(): string | null {
  return fromEnvironment('CHROMIUM_PATH') ?? managed(chromium) ?? onSystem(chromiumNames, chromiumPlaces)
}

/** Where a Firefox is, and whether it is Playwright's patched build: a stock one is driven through another channel. */
export interface FoundFirefox {
  readonly path: string
  readonly stock: boolean
}

/** A Firefox: `FIREFOX_PATH`, else the one that Playwright manages, else the system's; null when there is none. */
export function findFirefox(): FoundFirefox | null {
  const own = managed(firefox)
  const given = fromEnvironment('FIREFOX_PATH')
  if (given !== null) return { path: given, stock: given !== own }
  if (own !== null) return { path: own, stock: false }
  const path = onSystem(firefoxNames, firefoxPlaces)
  return path === null ? null : { path, stock: true }
}

/** Options for Playwright's `launch`. Without a browser `executablePath` is left out, so that Playwright says what is missing. */
export function chromiumLaunchOptions(): { executablePath?: string; args: string[] } {
  const path = findChromium()
  return path === null ? { args: chromiumArgs() } : { executablePath: path, args: chromiumArgs() }
}

/**
 * No service of the browser's own talks to the network, and ICE candidates carry plain host addresses, for machines
 * without multicast DNS.
 */
function chromiumArgs(): string[] {
  return [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-features=WebRtcHideLocalIpsWithMdns',
    // The sandbox refuses to start as root, as in most containers.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ]
}

function fromEnvironment(name: string): string | null {
  const path = process.env[name]
  if (path === undefined || path === '') return null
  if (!existsSync(path)) throw new Error(`${name} names ${path}, which does not exist`)
  return path
}

function managed(browser: { executablePath(): string }): string | null {
  const path = browser.executablePath()
  return existsSync(path) ? path : null
}

function onSystem(names: readonly string[], places: readonly string[]): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const candidates = [...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...places]
  return candidates.find((path) => existsSync(path)) ?? null
}
