/** What tests ask of test peers. Waits for what can be seen, never for time. */
import { expect, type Page } from './site.ts'

/** Milliseconds between two looks. */
const intervals = [50, 100, 250]

export interface Seen {
  readonly members: number
  readonly online: number
  readonly voters: number
  readonly state: string
  readonly section: string
}

export async function openPeers(openPeer: () => Promise<Page>, count: number): Promise<Page[]> {
  const peers: Page[] = []
  for (let number = 1; number <= count; number++) peers.push(await openPeer())
  // The largest number 3f+1: before the section has grown to it, the first voters cannot be done without.
  const voters = 3 * Math.floor((count - 1) / 3) + 1
  await everyoneSees(peers, { members: count, voters, state: 'ready' })
  await everyoneIsLinked(peers)
  return peers
}

export async function everyoneSees(peers: readonly Page[], facts: Partial<Seen>): Promise<void> {
  const look = (peer: Page) =>
    peer.evaluate(() => {
      const { members, voters, state } = globalThis.section.status
      const online = members.filter((member) => member.online).length
      return { members: members.length, online, voters, state, section: globalThis.section.id }
    })
  await expect
    .poll(() => Promise.all(peers.map(look)), { message: `everyone sees ${JSON.stringify(facts)}`, intervals })
    .toEqual(peers.map(() => expect.objectContaining(facts)))
}

export function everyoneIsLinked(peers: readonly Page[]): Promise<void> {
  return everyoneHasLinks(
    peers,
    peers.map(() => peers.length - 1),
  )
}

export async function everyoneHasLinks(peers: readonly Page[], counts: readonly number[]): Promise<void> {
  const look = (peer: Page) =>
    peer.evaluate(() => globalThis.section.diagnostics().transport.peers.filter(({ state }) => state === 'up').length)
  await expect
    .poll(() => Promise.all(peers.map(look)), { message: 'the number of links of each', intervals })
    .toEqual(counts)
}

export function idOf(peer: Page): Promise<string> {
  return peer.evaluate(() => globalThis.section.me)
}

/** Submits values of a given size, one after another without waiting, and resolves to their latencies once all are final. */
export function submit(peer: Page, labels: readonly string[], bytes = 0): Promise<number[]> {
  return peer.evaluate(
    async ({ labels, bytes }) => {
      const receipts = labels.map((label) => globalThis.section.submit({ label, filler: new Uint8Array(bytes) }))
      const finalities = await Promise.all(receipts.map(({ final }) => final))
      return finalities.map(({ latencyMs }) => latencyMs)
    },
    { labels, bytes },
  )
}

/** The labels of all final transactions, in the agreed order. */
export function finalOrder(peer: Page): Promise<string[]> {
  return peer.evaluate(() => {
    const order: string[] = []
    for (let height = 1; height <= globalThis.section.status.height; height++) {
      for (const { value } of globalThis.section.block(height)?.transactions ?? []) {
        order.push((value as { readonly label: string }).label)
      }
    }
    return order
  })
}

/** Waits until every peer has the same order, and in it each of these labels once and nothing else. */
export async function everyoneHas(peers: readonly Page[], labels: readonly string[]): Promise<void> {
  const expected = [...labels].sort()
  await expect
    .poll(
      async () => {
        const orders = await Promise.all(peers.map(finalOrder))
        const faults = orders.flatMap((order, index) => differences(order, expected).map((text) => `${index}: ${text}`))
        return { orders: new Set(orders.map((order) => order.join(' '))).size, faults }
      },
      { message: 'one order everywhere, with everything in it once', intervals },
    )
    .toEqual({ orders: 1, faults: [] })
}

function differences(order: readonly string[], expected: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const label of order) counts.set(label, (counts.get(label) ?? 0) + 1)
  const missing = expected.filter((label) => !counts.has(label))
  const doubled = [...counts].filter(([, count]) => count > 1).map(([label]) => label)
  const foreign = order.filter((label) => !expected.includes(label))
  return [
    ...(missing.length > 0 ? [`${missing.length} missing, ${missing[0]} for one`] : []),
    ...(doubled.length > 0 ? [`${doubled.length} doubled, ${doubled[0]} for one`] : []),
    ...(foreign.length > 0 ? [`${foreign.length} unknown, ${foreign[0]} for one`] : []),
  ]
}

export function labelsOf(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`)
}
