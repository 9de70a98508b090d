/** Shared documents: what members type is final and equal, live over y-webrtc or not; what others inject is not final. */
import { test as base, expect, type Page, served } from './site.ts'
import type { EditorFacts, EditorPage } from './yjs/page.ts'

type Editor = Window & { readonly page: EditorPage }
type Kind = 'member' | 'live member' | 'outsider'

const test = base.extend<{ readonly openEditor: (kind: Kind) => Promise<Page> }, { readonly editor: string }>({
  editor: served('vite.config.ts', 'e2e/yjs'),
  openEditor: async ({ openPage, editor }, use) => {
    await use(async (kind) => {
      const query = kind === 'member' ? {} : { [kind === 'outsider' ? 'outsider' : 'live']: '' }
      const page = await openPage(editor, { query })
      await page.evaluate(() => (window as unknown as Editor).page.ready)
      return page
    })
  },
})

const factsOf = (page: Page): Promise<EditorFacts> => page.evaluate(() => (window as unknown as Editor).page.facts())
const clientOf = (page: Page) => page.evaluate(() => (window as unknown as Editor).page.doc.clientID)
const insert = (page: Page, at: number, text: string) =>
  page.evaluate(([at, text]) => (window as unknown as Editor).page.insert(at, text), [at, text] as const)
const type = (page: Page, character: string, strokes: number) =>
  page.evaluate(([character, strokes]) => (window as unknown as Editor).page.type(character, strokes, 50), [
    character,
    strokes,
  ] as const)

async function openAll(openEditor: (kind: Kind) => Promise<Page>, kinds: readonly Kind[]): Promise<Page[]> {
  const pages: Page[] = []
  for (const kind of kinds) pages.push(await openEditor(kind))
  const isLive = kinds.filter((kind) => kind !== 'member').length
  for (const [index, page] of pages.entries()) {
    if (kinds[index] === 'member') continue
    await expect.poll(async () => (await factsOf(page)).livePeers, { message: 'connected live' }).toBe(isLive - 1)
  }
  return pages
}

/** Waits until all that was typed is final in all of these, and the same; returns it. */
async function everyoneHasFinal(pages: readonly Page[], isComplete: (final: string) => boolean): Promise<string> {
  await expect
    .poll(
      async () => {
        const all = await Promise.all(pages.map(factsOf))
        return {
          settled: all.every(({ settled }) => settled),
          snapshots: new Set(all.map(({ snapshot }) => snapshot)).size,
          finals: new Set(all.map(({ final }) => final)).size,
          complete: isComplete(all[0]?.final ?? ''),
        }
      },
      { timeout: 40_000 },
    )
    .toEqual({ settled: true, snapshots: 1, finals: 1, complete: true })
  return (await factsOf(pages[0] as Page)).final ?? ''
}

const countOf = (text: string, character: string) => text.split(character).length - 1

test('two tabs without a live provider see what the other typed when it is final', async ({ openEditor }) => {
  const pages = await openAll(openEditor, ['member', 'member'])
  const [ann, ben] = pages as [Page, Page]
  await insert(ann, 0, 'tea')
  await everyoneHasFinal(pages, (final) => final === 'tea')
  await insert(ben, 3, ' and cake')
  expect(await everyoneHasFinal(pages, (final) => final.length === 12)).toBe('tea and cake')
  expect((await factsOf(ann)).live).toBe('tea and cake')
})

test('beside y-webrtc, in one room, four tabs type at once: what is final is complete and equal', {
  tag: ['@long', '@every-browser'],
}, async ({ openEditor }) => {
  const strokes = 60
  const pages = await openAll(openEditor, ['live member', 'live member', 'live member', 'live member'])
  await Promise.all(pages.map((page, index) => type(page, 'abcd'[index] as string, strokes)))
  const final = await everyoneHasFinal(pages, (text) => text.length === 4 * strokes)
  for (const character of 'abcd') expect(countOf(final, character)).toBe(strokes)
  const all = await Promise.all(pages.map(factsOf))
  for (const { live, liveAttempts, transactions } of all) {
    expect(live).toBe(final)
    expect(liveAttempts, 'y-webrtc tries to reach nobody but its own').toBe(3)
    expect(transactions, 'strokes are gathered').toBeLessThan(2 * strokes)
  }
  expect(new Set(all.flatMap(({ authors }) => authors)).size, 'each stroke has its author').toBe(4)
  console.log(`${4 * strokes} strokes in ${all[0]?.transactions} transactions`)
  const late = await openEditor('live member')
  await everyoneHasFinal([...pages, late], (text) => text === final)
})

test('forged updates of an outsider and of a member change nobody’s final document', {
  tag: '@long',
}, async ({ openEditor }) => {
  test.setTimeout(120_000)
  const pages = await openAll(openEditor, ['live member', 'live member', 'live member', 'outsider'])
  const [ann, ben, eve, outsider] = pages as [Page, Page, Page, Page]
  const members = [ann, ben, eve]
  await insert(ann, 0, 'tea')
  await everyoneHasFinal(members, (final) => final === 'tea')
  const before = (await factsOf(ben)).snapshot

  await insert(outsider, 1, 'SPAM')
  const victim = await clientOf(ann)
  for (const forger of [outsider, eve]) {
    await forger.evaluate(([client]) => (window as unknown as Editor).page.forge(client, 'FORGED'), [victim] as const)
  }
  const forged = await outsider.evaluate(async () => {
    const { doc } = (window as unknown as Editor).page
    const bytes: number[] = []
    await new Promise<void>((resolve) => {
      doc.once('update', (update: Uint8Array) => {
        bytes.push(...update)
        resolve()
      })
      doc.getText('text').insert(0, 'AS EVE')
    })
    return bytes
  })
  for (const bytes of [forged, [1, 2, 3], []]) {
    await eve.evaluate((bytes) => (window as unknown as Editor).page.submitUpdate(bytes), bytes)
  }
  for (const page of members) {
    await expect.poll(async () => (await factsOf(page)).refused).toEqual(['foreignClient', 'malformed', 'malformed'])
    await expect.poll(async () => (await factsOf(page)).live).toContain('AS EVE')
    expect((await factsOf(page)).snapshot).toBe(before)
  }

  // Around all that, members go on.
  await ann.evaluate(() => {
    const { page } = window as unknown as Editor
    page.insert(page.facts().live.length, '!')
    page.insert(3, '?')
  })
  const final = await everyoneHasFinal(members, (text) => text.length === 5)
  expect([...final].toSorted().join('')).toBe('!?aet')
  for (const page of members) expect((await factsOf(page)).final).toBe(final)
})
