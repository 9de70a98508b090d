/** Members introduce newcomers to each other: a server is needed to meet the first of them, and for nothing else. */
import type { Page } from '@playwright/test'
import { type SignalingServer, startSignalingServer } from '../signaling/src/index.ts'
import { everyoneHas, everyoneIsLinked, everyoneSees, labelsOf, openPeers, submit } from './network/peers.ts'
import { expect, test } from './network/site.ts'

test('with the signaling server cut a section goes on, and a new tab gets in through the one member it can reach', async ({
  openPeer,
}) => {
  const everybodys = await startServer()
  const anns = await startServer()
  try {
    const ann = { signaling: [everybodys.url, anns.url] }
    const options = [ann, ...Array.from({ length: 3 }, () => ({ signaling: [everybodys.url] }))]
    const members = await openPeers(() => openPeer(options.shift()), 4)
    await everybodys.close()
    await expect.poll(() => Promise.all(members.map(serversOf))).toEqual([1, 0, 0, 0])
    await Promise.all(members.map((peer, i) => submit(peer, labelsOf(`cut${i}`, 5))))

    const eve = await openPeer({ signaling: [anns.url] })
    const all = [...members, eve]
    await everyoneIsLinked(all)
    await anns.close()
    await expect.poll(() => Promise.all(all.map(serversOf))).toEqual([0, 0, 0, 0, 0])
    await everyoneSees(all, { members: 5, state: 'ready' })
    await Promise.all(all.map((peer, i) => submit(peer, labelsOf(`alone${i}`, 5))))
    await everyoneHas(all, [
      ...members.flatMap((_, i) => labelsOf(`cut${i}`, 5)),
      ...all.flatMap((_, i) => labelsOf(`alone${i}`, 5)),
    ])
  } finally {
    await Promise.all([everybodys.close(), anns.close()])
  }
})

test('with no server left, a link that breaks is made again over common neighbours', {
  tag: ['@long', '@every-browser'],
}, async ({ openPeer }) => {
  const server = await startServer()
  const peers = await openPeers(() => openPeer({ signaling: [server.url] }), 4)
  await server.close()
  await expect.poll(() => Promise.all(peers.map(serversOf))).toEqual([0, 0, 0, 0])
  const [ann, bob] = peers as [Page, Page]
  const bobsId = await bob.evaluate(() => globalThis.section.me)
  expect(await ann.evaluate((peer) => globalThis.network.kill(peer), bobsId)).toBe(1)
  await expect.poll(() => ann.evaluate((peer) => globalThis.network.linked().includes(peer), bobsId)).toBe(true)
  await everyoneIsLinked(peers)
})

function startServer(): Promise<SignalingServer> {
  return startSignalingServer({ port: 0, host: 'localhost' })
}

/** How many signaling servers a tab is connected to. */
function serversOf(peer: Page): Promise<number> {
  return peer.evaluate(() => {
    const { signaling } = globalThis.section.diagnostics().transport
    return signaling.filter(({ connected }) => connected).length
  })
}
