/** What a section needs of a signaling server: any that speaks the y-webrtc protocol, and none once its tabs have met. */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { type AddressInfo, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startSignalingServer } from '../signaling/src/index.ts'
import { expect, type Page, test } from './site.ts'
import { everyTabAgrees, everyTabPays25, everyTabShows } from './tabs.ts'

test('two tabs agree through the server that y-webrtc ships', async ({ openTabAt }) => {
  await withStockServer(async (url) => {
    const tabs = await openPair(() => openTabAt(url))
    await everyTabPays25(tabs)
    expect(await everyTabAgrees(tabs)).toMatchObject({ accounts: 2, sum: 200 })
  })
})

test('the signaling server is killed under two tabs that have met: payments go on', async ({ openTabAt }) => {
  await withOurServer(async (url, kill) => {
    const tabs = await openPair(() => openTabAt(url))
    await everyTabPays25(tabs)
    kill()
    await expect.poll(() => Promise.all(tabs.map(isSignalingConnected))).toEqual([false, false])
    await everyTabPays25(tabs)
    expect(await everyTabAgrees(tabs)).toMatchObject({ accounts: 2, sum: 200 })
  })
})

test('each tab fetches TURN credentials from the signaling server once', async ({ openTabAt }) => {
  const ice = { turnUrls: ['turn:localhost:9?transport=tcp'], turnSecret: 'north' }
  const server = await startSignalingServer({ port: 0, host: 'localhost', ice })
  try {
    const tabs = await openPair(() => openTabAt(`${server.url}/?token=none-needed`))
    await everyTabPays25(tabs)
    await everyTabAgrees(tabs)
    const metrics = await (await fetch(`${server.url.replace('ws', 'http')}/metrics`)).text()
    expect(metrics).toContain('parsec_signaling_ice_credentials_total 2\n')
  } finally {
    await server.close()
  }
})

async function openPair(openTab: () => Promise<Page>): Promise<Page[]> {
  const tabs = [await openTab(), await openTab()]
  await everyTabShows(tabs, { state: 'ready', members: 2, accounts: 2, online: 2 })
  return tabs
}

async function isSignalingConnected(tab: Page): Promise<boolean> {
  const diagnostics = await tab.locator('body').getAttribute('data-diagnostics')
  const { transport } = JSON.parse(diagnostics ?? '') as {
    transport: { signaling: { kind: string; connected: boolean }[] }
  }
  return transport.signaling.some(({ kind, connected }) => kind === 'server' && connected)
}

async function withStockServer(use: (url: string) => Promise<void>): Promise<void> {
  const port = await freePort()
  const main = createRequire(new URL('../signaling/package.json', import.meta.url)).resolve('y-webrtc')
  // Its bin is no export of the package, but stands beside its main file's folder.
  const script = join(dirname(main), '..', 'bin', 'server.js')
  await withProcess([script], { PORT: String(port) }, () => use(`ws://localhost:${port}`))
}

async function withOurServer(use: (url: string, kill: () => void) => Promise<void>): Promise<void> {
  const script = fileURLToPath(new URL('../signaling/src/cli.ts', import.meta.url))
  const command = ['--import', 'tsx', script, '--host', 'localhost', '--port', '0']
  await withProcess(command, {}, async (firstLine, kill) => {
    const { url } = JSON.parse(firstLine) as { url: string }
    await use(url, kill)
  })
}

/** Runs Node until `use` is done, from the first line that it prints on: then a server is up. */
async function withProcess(
  command: readonly string[],
  env: Record<string, string>,
  use: (firstLine: string, kill: () => void) => Promise<void>,
): Promise<void> {
  const child = spawn(process.execPath, command, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kill = () => void child.kill('SIGKILL')
  try {
    const firstLine = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (data) => resolve(String(data).split('\n')[0] ?? ''))
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
    })
    await use(firstLine, kill)
  } finally {
    kill()
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
