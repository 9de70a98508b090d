/** The coin in real tabs: four make a key for themselves while transactions go on, and draw the same random values. */
import type { Page } from '@playwright/test'
import { applyLoad } from './network/load.ts'
import { openPeers } from './network/peers.ts'
import { expect, test } from './network/site.ts'

test('four tabs have a key of their own while payments go on, and agree on the random value of a block', async ({
  openPeer,
}) => {
  const peers = await openPeers(openPeer, 4)
  const load = Promise.all(
    peers.map((peer, i) => applyLoad(peer, { prefix: `${i}`, count: 20, everyMs: 50, bytes: 200 })),
  )
  await expect
    .poll(() => Promise.all(peers.map((peer) => peer.evaluate(() => globalThis.section.status.coin))))
    .toEqual(['active', 'active', 'active', 'active'])
  await load
  const [ann, ...others] = peers as [Page, ...Page[]]
  const height = await ann.evaluate(async () => (await globalThis.section.submit('roll', { draw: true }).final).height)
  const drawn = await ann.evaluate((h) => globalThis.section.randomness(h), height)
  expect(drawn).toEqual({ value: expect.stringMatching(/^[0-9a-f]{64}$/), isFair: true })
  for (const other of others)
    expect(await other.evaluate((h) => globalThis.section.randomness(h), height)).toEqual(drawn)
})
