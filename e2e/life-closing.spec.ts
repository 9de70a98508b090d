/** Tabs that are closed without a word, from seven down to one: the rest always go on. */
import { createHash } from 'node:crypto'
import { expect, type Page, test } from './site.ts'
import { everyTabAgrees, everyTabPays25, everyTabShows, factsOf, openTabs } from './tabs.ts'

const apartMs = 2_000

test('the founder of two closes without a word: the other one votes now, and goes on', async ({ openTab }) => {
  const [founder, other] = (await openTabs(openTab, 2)) as [Page, Page]
  await everyTabShows([founder], { role: 'voter' })
  await everyTabPays25([founder, other])
  await founder.close()
  await everyTabPays25([other])
  await everyTabShows([other], { role: 'voter', state: 'ready', voters: 1, reachable: 1 })
})

test('a founder that reloads comes back as a member without a vote, and nothing is contradicted', async ({
  openTab,
}) => {
  const tabs = await openTabs(openTab, 2)
  const [founder, other] = tabs as [Page, Page]
  const { me } = await factsOf(founder)
  await founder.reload()
  await everyTabShows([founder], { me, state: 'ready', role: 'member' })
  await everyTabShows([other], { role: 'voter' })
  await everyTabPays25(tabs)
  expect(await everyTabAgrees(tabs)).toMatchObject({ accounts: 2, sum: 200 })
})

test('a sole voter that is put away and taken out again goes on as a member, and what it submits counts', {
  tag: '@every-browser',
}, async ({ openTab }) => {
  const tabs = await openTabs(openTab, 2)
  const [founder, other] = tabs as [Page, Page]
  const { me } = await factsOf(founder)
  await everyTabShows([founder], { role: 'voter' })
  // What the back/forward cache does to a page; one that a browser really put there: `life-back.spec.ts`.
  const put = (name: 'pagehide' | 'pageshow') =>
    founder.evaluate((type) => void window.dispatchEvent(new PageTransitionEvent(type, { persisted: true })), name)
  await put('pagehide')
  await everyTabShows([other], { role: 'voter', online: 1 })
  await everyTabPays25([other])
  await put('pageshow')
  await everyTabShows([founder], { me, state: 'ready', role: 'member' })
  await everyTabPays25(tabs)
  expect(await everyTabAgrees(tabs)).toMatchObject({ accounts: 2, sum: 200 })
  for (const tab of tabs) expect(JSON.parse((await factsOf(tab)).diagnostics).malice).toEqual([])
})

for (const number of [1, 2, 3]) {
  test(
    `seven tabs are closed one by one, two seconds apart: order ${number}`,
    { tag: number === 1 ? ['@long', '@every-browser'] : '@long' },
    async ({ openTab }, info) => {
      test.setTimeout(180_000)
      const seed = process.env['LIFE_SEED'] ?? `${number}.${info.repeatEachIndex}`
      const order = shuffled(7, seed)
      console.log(`closing order of seed ${seed}: ${order.join(' ')}`)
      const tabs = await openTabs(openTab, 7)
      await everyTabPays25(tabs)
      const open = new Set(tabs)
      for (const index of order.slice(0, -1)) {
        const closing = tabs[index] as Page
        const startedMs = Date.now()
        open.delete(closing)
        await closing.close()
        await everyTabPays25([...open])
        expect(await everyTabAgrees([...open])).toMatchObject({ accounts: 7, sum: 700 })
        await (tabs[order[6] as number] as Page).waitForTimeout(Math.max(0, apartMs - (Date.now() - startedMs)))
      }
      await everyTabShows([...open], { state: 'ready', role: 'voter', voters: 1, reachable: 1, members: 7 })
    },
  )
}

/** The numbers below `count`, in an order that the seed determines. */
function shuffled(count: number, seed: string): number[] {
  const keyOf = (i: number) => createHash('sha256').update(`${seed} ${i}`).digest('hex')
  return Array.from({ length: count }, (_, i) => i).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}
