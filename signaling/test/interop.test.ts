import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright'
import { build, type Rolldown } from 'vite'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { chromiumLaunchOptions } from '../../scripts/browsers.ts'
import type { join, SharedNotes } from './interop-page.ts'
import { httpUrl, metric, startServer } from './servers.ts'

declare const yWebrtcPage: { readonly join: typeof join }
declare global {
  var notes: SharedNotes
}

let browser: Browser
let pageScript: string

beforeAll(async () => {
  const entry = fileURLToPath(new URL('./interop-page.ts', import.meta.url))
  const outputs = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, lib: { entry, formats: ['iife'], name: 'yWebrtcPage' } },
    define: { 'process.env.NODE_ENV': '"production"' },
  })
  const [output] = outputs as Rolldown.RolldownOutput[]
  pageScript = output?.output[0].code ?? ''
  browser = await chromium.launch(chromiumLaunchOptions())
})

afterAll(() => browser?.close())

interface Joined {
  readonly page: Page
  readonly framesReceived: string[]
}

/** Contexts of their own keep the tabs from meeting over BroadcastChannel. */
const joinInBrowser = async (pageUrl: string, signaling: string, password?: string): Promise<Joined> => {
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const framesReceived: string[] = []
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => void framesReceived.push(String(payload)))
  })
  // A page of 127.0.0.1 may use WebCrypto.
  await page.goto(pageUrl)
  await page.addScriptTag({ content: pageScript })
  await page.evaluate(
    (options) => {
      globalThis.notes = yWebrtcPage.join(options)
    },
    { room: 'interop', signaling, ...(password === undefined ? {} : { password }) },
  )
  return { page, framesReceived }
}

const entries = (page: Page) => page.evaluate(() => globalThis.notes.entries())
const set = (page: Page, key: string, value: string) =>
  page.evaluate(([k = '', v = '']) => globalThis.notes.set(k, v), [key, value])

test.each([
  ['without a password', undefined],
  ['with a password', 'tea'],
])('two y-webrtc clients in Chromium meet and sync a document %s', async (_title, password) => {
  const server = await startServer()
  // One after the other: clients that announce themselves at one moment both call, and theirs do not always get over it.
  const alice = await joinInBrowser(httpUrl(server), server.url, password)
  await expect.poll(() => metric(server, 'topics')).toBe(1)
  const bob = await joinInBrowser(httpUrl(server), server.url, password)
  await set(alice.page, 'from alice', 'hello')
  await set(bob.page, 'from bob', 'hello too')
  const both = { 'from alice': 'hello', 'from bob': 'hello too' }
  await expect.poll(() => entries(alice.page)).toEqual(both)
  await expect.poll(() => entries(bob.page)).toEqual(both)
  expect(await alice.page.evaluate(() => globalThis.notes.connectedPeers())).toBe(1)
  // A password encrypts what the server relays.
  const relayed = alice.framesReceived.map((frame) => JSON.parse(frame) as { type: string; data: unknown })
  const kinds = new Set(relayed.filter(({ type }) => type === 'publish').map(({ data }) => typeof data))
  expect([...kinds]).toEqual([password === undefined ? 'object' : 'string'])
  expect(await metric(server, 'refused_total{reason="malformed"}')).toBe(0)
})

test('a y-webrtc client with another password stays alone', async () => {
  const server = await startServer()
  const alice = await joinInBrowser(httpUrl(server), server.url, 'tea')
  const bob = await joinInBrowser(httpUrl(server), server.url, 'coffee')
  await expect.poll(() => alice.framesReceived.filter((frame) => frame.includes('"publish"')).length).toBe(2)
  await set(alice.page, 'secret', 'tea')
  expect(await entries(bob.page)).toEqual({})
  expect(await bob.page.evaluate(() => globalThis.notes.connectedPeers())).toBe(0)
})
