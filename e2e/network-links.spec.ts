/** Links that are missing, slow, or break: whatever a correct peer submits is final everywhere, once. */
import type { Page } from '@playwright/test'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { applyLoad, median } from './network/load.ts'
import {
  everyoneHas,
  everyoneHasLinks,
  everyoneIsLinked,
  everyoneSees,
  idOf,
  labelsOf,
  openPeers,
  submit,
} from './network/peers.ts'
import { expect, test } from './network/site.ts'

test('a transaction of a megabyte is final in every tab', { tag: '@every-browser' }, async ({ openPeer }) => {
  const peers = await openPeers(openPeer, 4)
  const bytes = 1_048_000
  await submit(peers[0] as Page, ['large'], bytes)
  await everyoneHas(peers, ['large'])
  for (const peer of peers) expect(await peer.evaluate(sizeOfOnlyTransaction)).toBe(bytes)
})

test('one link at 32 KB/s slows nobody else', { tag: '@long' }, async ({ openPeer }) => {
  test.setTimeout(120_000)
  const peers = await openPeers(openPeer, 4)
  const [ann, bob] = peers as [Page, Page]
  const load = { count: 150, everyMs: 50, bytes: 4_000 }
  const round = async (name: string) => {
    const met = await Promise.all(peers.map((peer, i) => applyLoad(peer, { ...load, prefix: `${name}${i}` })))
    const medianMs = (some: typeof met) => Math.round(median(some.flatMap(({ latenciesMs }) => latenciesMs)))
    return {
      endsMs: medianMs(met.slice(0, 2)),
      othersMs: medianMs(met.slice(2)),
      bufferedBytes: Math.max(...met.map(({ bufferedBytes }) => bufferedBytes)),
    }
  }
  const before = await round('before')
  for (const [from, to] of [
    [ann, bob],
    [bob, ann],
  ] as const) {
    await impair(from, await idOf(to), { bytesPerSecond: 32_000 })
  }
  const during = await round('during')
  console.log(JSON.stringify({ before, during }))
  expect(during.bufferedBytes, 'the slow link is behind').toBeGreaterThan(65_536)
  expect(during.othersMs).toBeLessThan(2 * before.othersMs + 250)
  await everyoneHas(
    peers,
    ['before', 'during'].flatMap((name) => peers.flatMap((_, i) => labelsOf(`${name}${i}`, load.count))),
  )
})

for (const [name, offsets, missing] of [
  ['more than half of the links', [1, 4], 16],
  ['all links but a ring', [1], 20],
] as const) {
  test(`eight tabs without ${name} are one section`, { tag: ['@long', '@every-browser'] }, async ({ openPeer }) => {
    test.setTimeout(180_000)
    const peers = await openPeers(openPeer, 8)
    const ids = await Promise.all(peers.map(idOf))
    const isKept = (a: number, b: number) => offsets.some((offset) => b - a === offset || b - a === 8 - offset)
    const severed = pairsOf(8).filter(([a, b]) => !isKept(a, b))
    expect(severed.length).toBe(missing)
    for (const [a, b] of severed) {
      await sever(peers[a] as Page, ids[b] as string)
      await sever(peers[b] as Page, ids[a] as string)
    }
    await everyoneHasLinks(
      peers,
      peers.map((_, i) => 7 - severed.filter((pair) => pair.includes(i)).length),
    )
    await Promise.all(peers.map((peer, i) => submit(peer, labelsOf(`peer${i}`, 10))))
    await everyoneHas(
      peers,
      peers.flatMap((_, i) => labelsOf(`peer${i}`, 10)),
    )
    await everyoneSees(peers, { members: 8, online: 8, voters: 7, state: 'ready' })
  })
}

test(
  'connections killed at random for a minute under load lose nothing and double nothing',
  { tag: ['@long', '@every-browser'] },
  async ({ openPeer }, info) => {
    test.setTimeout(240_000)
    const seed = Number(process.env['SEED'] ?? 1 + info.repeatEachIndex)
    const random = xoroshiro128plus(seed)
    console.log(`SEED=${seed}`)
    const peers = await openPeers(openPeer, 4)
    const ids = await Promise.all(peers.map(idOf))
    const load = { count: 300, everyMs: 200, bytes: 500 }
    const loads = peers.map((peer, i) => applyLoad(peer, { ...load, prefix: `peer${i}` }))
    const ends = Promise.all(loads)
    let isOver = false
    void ends.finally(() => {
      isOver = true
    })
    const hits = { kill: 0, vanish: 0 }
    for (const started = Date.now(); Date.now() - started < 60_000 && !isOver; ) {
      const a = uniformInt(random, 0, 3)
      const b = (a + uniformInt(random, 1, 3)) % 4
      const how = uniformInt(random, 0, 4) === 0 ? 'vanish' : 'kill'
      hits[how] += await (peers[a] as Page).evaluate(({ how, peer }) => globalThis.network[how](peer), {
        how,
        peer: ids[b] as string,
      } as const)
      await (peers[a] as Page).waitForTimeout(uniformInt(random, 100, 1_000))
    }
    console.log(JSON.stringify(hits))
    const latencies = (await ends).flatMap(({ latenciesMs }) => latenciesMs)
    console.log(JSON.stringify({ medianMs: Math.round(median(latencies)), mostMs: Math.round(Math.max(...latencies)) }))
    await everyoneHas(
      peers,
      peers.flatMap((_, i) => labelsOf(`peer${i}`, load.count)),
    )
    await everyoneIsLinked(peers)
  },
)

function impair(peer: Page, other: string, impairment: Parameters<typeof globalThis.network.impair>[1]): Promise<void> {
  return peer.evaluate(({ other, impairment }) => globalThis.network.impair(other, impairment), { other, impairment })
}

/** Nothing passes between the two any more, at once. */
function sever(peer: Page, other: string): Promise<void> {
  return peer.evaluate((other) => {
    globalThis.network.kill(other)
    globalThis.network.impair(other, { cut: true })
  }, other)
}

function pairsOf(count: number): [number, number][] {
  const all = Array.from({ length: count }, (_, i) => i)
  return all.flatMap((a) => all.flatMap((b): [number, number][] => (a < b ? [[a, b]] : [])))
}

function sizeOfOnlyTransaction(): number {
  const blocks = Array.from({ length: globalThis.section.status.height }, (_, i) => globalThis.section.block(i + 1))
  const sizes = blocks.flatMap((block) =>
    (block?.transactions ?? []).map(({ value }) => (value as { readonly filler: Uint8Array }).filler.length),
  )
  return sizes.length === 1 ? (sizes[0] as number) : -1
}
