/** What a tab says of a network that does not work. */
import type { Page } from '@playwright/test'
import { everyoneHas, everyoneSees, idOf, openPeers, submit } from './network/peers.ts'
import { expect, test } from './network/site.ts'

test('a pair between which no path leads asks for TURN, and others relay for it', {
  tag: ['@long', '@every-browser'],
}, async ({ openPeer }) => {
  test.setTimeout(180_000)
  const peers = await openPeers(openPeer, 4)
  const [ann, bob] = peers as [Page, Page]
  const ids = await Promise.all(peers.map(idOf))
  for (const [tab, other] of [
    [ann, ids[1]],
    [bob, ids[0]],
  ] as const) {
    await tab.evaluate((other) => {
      globalThis.network.impair(other, { blocked: true })
      globalThis.network.kill(other)
    }, other as string)
  }
  // The browser gives up a path only after many tries.
  await expect
    .poll(() => findingsOf(ann), { timeout: 90_000 })
    .toEqual([expect.objectContaining({ code: 'turnNeeded', peer: ids[1], local: ['host'], remote: ['host'] })])
  const pathOf = (tab: Page, peer: string) =>
    tab.evaluate((peer) => {
      const known = globalThis.section.diagnostics().transport.peers
      return known.find((each) => each.peer === peer)?.path
    }, peer)
  expect(await pathOf(ann, ids[1] as string)).toBe('neighbours')
  expect(await pathOf(ann, ids[2] as string)).toBe('direct')
  await submit(ann, ['relayed'])
  await everyoneHas(peers, ['relayed'])
})

test('two tabs with different room passwords both learn of it', { tag: ['@long', '@every-browser'] }, async ({
  openPeer,
  startPeer,
}) => {
  const ann = await openPeer({ password: 'east' })
  await startPeer({ password: 'west' })
  await expect.poll(() => findingsOf(ann)).toEqual([expect.objectContaining({ code: 'wrongPassword', ours: true })])
  await everyoneSees([ann], { members: 1, state: 'ready' })
})

test('a tab whose server is not there says so', { tag: ['@long', '@every-browser'] }, async ({
  openPeer,
  signaling,
}) => {
  const dead = 'ws://localhost:9'
  const ann = await openPeer({ signaling: [dead, signaling.url] })
  await expect
    .poll(() => findingsOf(ann))
    .toEqual([expect.objectContaining({ code: 'signalingUnreachable', urls: [dead], all: false })])
})

test('nothing is found where nothing is wrong', { tag: ['@long', '@every-browser'] }, async ({ openPeer }) => {
  const peers = await openPeers(openPeer, 4)
  await Promise.all(peers.map((peer, i) => submit(peer, [`peer${i}`])))
  for (const peer of peers) expect(await findingsOf(peer)).toEqual([])
})

function findingsOf(tab: Page) {
  return tab.evaluate(() => globalThis.section.diagnostics().findings)
}
