/** What a tab gives back to its browser when it leaves, and when its page goes away. */
import type { Page } from '@playwright/test'
import { everyoneHas, everyoneHasLinks, everyoneIsLinked, idOf, labelsOf, openPeers, submit } from './network/peers.ts'
import { watchResources } from './network/resources.ts'
import { expect, test } from './network/site.ts'

for (const how of ['leave', 'close'] as const) {
  test(`no handler, timer, connection or socket remains after ${how}()`, {
    tag: how === 'leave' ? '@every-browser' : ['@long', '@every-browser'],
  }, async ({ context, openPeer }) => {
    await context.addInitScript(watchResources)
    const before = await resourcesOf(await blankPeer(context.newPage()))
    const peers = await openPeers(openPeer, 4)
    await Promise.all(peers.map((peer, i) => submit(peer, labelsOf(`peer${i}`, 10))))
    const [ann, ...rest] = peers as [Page, ...Page[]]
    const during = await resourcesOf(ann)
    expect(during).toMatchObject({ connections: 3, sockets: 1, channels: 1 })
    expect(during.timers).toBeGreaterThan(0)
    expect(during.handlers).toContain('Window pagehide')
    await ann.evaluate((how) => globalThis.section[how](), how)
    expect(await resourcesOf(ann)).toEqual(before)
    await everyoneHas(
      rest,
      peers.flatMap((_, i) => labelsOf(`peer${i}`, 10)),
    )
  })
}

test('a page that goes away is released at once, and connects anew when it returns from the back/forward cache', {
  tag: ['@long', '@every-browser'],
}, async ({ context, openPeer }) => {
  await context.addInitScript(watchResources)
  const peers = await openPeers(openPeer, 4)
  const [ann, ...rest] = peers as [Page, ...Page[]]
  const me = await idOf(ann)
  const handled = await ann.evaluate(async () => {
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))
    // Microtasks run before a page is frozen, tasks may not.
    await Promise.resolve()
    const { connections, channels } = globalThis.resources()
    return { connections, channels }
  })
  expect(handled, 'when the event has been handled').toEqual({ connections: 0, channels: 0 })
  await everyoneHasLinks(peers, [0, 2, 2, 2])
  for (const peer of rest) expect(await dropsOf(peer, me)).toEqual({ left: 1 })
  await Promise.all(rest.map((peer, i) => submit(peer, labelsOf(`rest${i}`, 5))))
  await ann.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })))
  await everyoneIsLinked(peers)
  await submit(ann, ['returned'])
  await everyoneHas(peers, ['returned', ...rest.flatMap((_, i) => labelsOf(`rest${i}`, 5))])
})

function dropsOf(page: Page, other: string) {
  return page.evaluate((other) => {
    const { peers } = globalThis.section.diagnostics().transport
    return peers.find(({ peer }) => peer === other)?.drops
  }, other)
}

async function resourcesOf(page: Page) {
  return page.evaluate(() => globalThis.resources())
}

async function blankPeer(opening: Promise<Page>): Promise<Page> {
  const page = await opening
  await page.goto('about:blank')
  return page
}
