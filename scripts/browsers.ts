/** Finds the browsers that tests run in. Imports Node and Playwright only. */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium, firefox, type LaunchOptions, webkit } from 'playwright'

export const browserNames = ['chromium', 'firefox', 'webkit'] as const
export type BrowserName = (typeof browserNames)[number]

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

/** Options for Playwright's `launch`. A stock Firefox speaks another protocol than the build that Playwright patches. */
export function firefoxLaunchOptions({ path, stock }: FoundFirefox): LaunchOptions {
  return {
    executablePath: path,
    ...(stock ? { channel: 'moz-firefox' } : {}),
    // As Chromium's: plain host addresses.
    firefoxUserPrefs: { 'media.peerconnection.ice.obfuscate_host_addresses': false },
  }
}

/** Options for Playwright's `launch`, null where there is no such browser. No WebKit but Playwright's own can be driven. */
export function launchOptionsOf(name: BrowserName): LaunchOptions | null {
  if (name === 'chromium') return findChromium() === null ? null : chromiumLaunchOptions()
  if (name === 'webkit') return managed(webkit) === null ? null : {}
  const found = findFirefox()
  return found === null ? null : firefoxLaunchOptions(found)
}

/** What the environment's `BROWSERS` names, separated by commas; null when it names none. */
export function askedBrowsers(): BrowserName[] | null {
  const asked = (process.env['BROWSERS'] ?? '').split(',').filter((name) => name !== '')
  const unknown = asked.filter((name) => !isBrowserName(name))
  if (unknown.length > 0) throw new Error(`BROWSERS names ${unknown}; there are ${browserNames}`)
  return asked.length === 0 ? null : asked.filter(isBrowserName)
}

/** How to launch each browser that tests run in: those of `BROWSERS`, of which none may be missing, else all that are found. */
export function browsersUnderTest(): Map<BrowserName, LaunchOptions> {
  const asked = askedBrowsers()
  const launches = new Map<BrowserName, LaunchOptions>()
  for (const name of asked ?? browserNames) {
    const launch = launchOptionsOf(name)
    if (launch !== null) launches.set(name, launch)
    else if (asked !== null) throw new Error(`BROWSERS names ${name}, which was not found`)
  }
  return launches
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

function isBrowserName(name: string): name is BrowserName {
  return browserNames.some((known) => known === name)
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
