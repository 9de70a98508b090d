/** Makes sure that a Chromium can be started, installing one where that is possible. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { chromium } from 'playwright'
import { chromiumLaunchOptions, findChromium } from './browsers.ts'
import { run, runNode } from './processes.ts'

const playwrightCli = join(dirname(createRequire(import.meta.url).resolve('playwright/package.json')), 'cli.js')
const downloadLimitMs = 10 * 60_000

/** Its path, or null when none starts and none could be installed. */
export async function ensureChromium(): Promise<string | null> {
  if (await starts()) return findChromium()
  console.log('No Chromium that starts was found: downloading the one that Playwright manages')
  await runNode([playwrightCli, 'install', 'chromium'], downloadLimitMs)
  if (await starts()) return findChromium()
  if (!isDebianRoot()) return null
  console.log("Installing Debian's chromium")
  await run('apt-get', ['update'], downloadLimitMs)
  await run('apt-get', ['install', '--yes', '--no-install-recommends', 'chromium'], downloadLimitMs)
  // A downloaded one that lacks its libraries would be found first.
  if (existsSync('/usr/bin/chromium')) process.env['CHROMIUM_PATH'] = '/usr/bin/chromium'
  return (await starts()) ? findChromium() : null
}

async function starts(): Promise<boolean> {
  if (findChromium() === null) return false
  try {
    const browser = await chromium.launch(chromiumLaunchOptions())
    await browser.close()
    return true
  } catch (error) {
    console.log(`${findChromium()} does not start: ${String(error).split('\n')[0]}`)
    return false
  }
}

function isDebianRoot(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
}
