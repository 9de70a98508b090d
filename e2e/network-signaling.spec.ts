/** Members introduce newcomers to each other: what it takes is one of them, met over a server or in the same browser. */
import type { Page } from '@playwright/test'
import { type SignalingServer, startSignalingServer } from '../signaling/src/index.ts'
import { everyoneHas, everyoneIsLinked, everyoneSees, labelsOf, openPeers, submit } from './network/peers.ts'
import { expect, test } from './network/site.ts'

test('with the signaling server cut a section goes on, and a new tab gets in through the one member it can reach', async ({
  openPeer,
  otherBrowser,
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

    const eve = await openPeer({ signaling: [anns.url], context: await otherBrowser() })
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

test('with no server left, a new tab gets in by a member in its browser, which introduces it to those in others', {
  tag: '@every-browser',
}, async ({ openPeer, otherBrowser }) => {
  const server = await startServer()
  try {
    const elsewhere = await otherBrowser()
    const contexts = [undefined, elsewhere, elsewhere]
    const openNext = () => {
      const context = contexts.shift()
      return openPeer({ signaling: [server.url], ...(context ? { context } : {}) })
    }
    const members = await openPeers(openNext, 3)
    await server.close()
    await expect.poll(() => Promise.all(members.map(serversOf))).toEqual([0, 0, 0])

    const eve = await openPeer({ signaling: [server.url] })
    const all = [...members, eve]
    await everyoneIsLinked(all)
    await everyoneSees(all, { members: 4, voters: 4, state: 'ready' })
    await Promise.all(all.map((peer, i) => submit(peer, labelsOf(`peer${i}`, 5))))
    await everyoneHas(
      all,
      all.flatMap((_, i) => labelsOf(`peer${i}`, 5)),
    )
    // The server is named, and nobody says that nothing goes.
    expect(await eve.evaluate(() => globalThis.section.status.reason)).toBe(null)
    expect(await eve.evaluate(() => globalThis.section.diagnostics().findings)).toEqual([
      expect.objectContaining({
        code: 'signalingUnreachable',
        urls: [server.url],
        all: true,
        text: expect.stringContaining('nobody new can be met except through them and in this browser'),
      }),
    ])
  } finally {
    await server.close()
  }
})

test('tabs that are given no server are one section of their browser, with a password, too', {
  tag: '@every-browser',
}, async ({ openPeer }) => {
  const peers = await openPeers(() => openPeer({ signaling: [], password: 'tea' }), 4)
  await Promise.all(peers.map((peer, i) => submit(peer, labelsOf(`peer${i}`, 5))))
  await everyoneHas(
    peers,
    peers.flatMap((_, i) => labelsOf(`peer${i}`, 5)),
  )
  for (const peer of peers) {
    expect(await peer.evaluate(() => globalThis.section.diagnostics())).toMatchObject({
      findings: [],
      transport: { signaling: [{ kind: 'browser', connected: true }] },
    })
  }
})

test('with no server left, a link that breaks is made again over common neighbours', {
  tag: ['@long', '@every-browser'],
}, async ({ openPeer, otherBrowser }) => {
  const server = await startServer()
  const openNext = async () => openPeer({ signaling: [server.url], context: await otherBrowser() })
  const peers = await openPeers(openNext, 4)
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
    return signaling.filter(({ kind, connected }) => kind === 'server' && connected).length
  })
}
