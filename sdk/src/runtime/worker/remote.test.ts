import { describe, expect, onTestFinished, test } from 'vitest'
import { until } from '../../../test/sections.ts'
import { createMemoryNetwork, type MemoryNetwork } from '../../transport/memory.ts'
import { readBlock } from '../final-block.ts'
import type { SectionHost } from '../news.ts'
import type { Wishes } from '../opening.ts'
import { ownClock, ownRandom } from '../opening.ts'
import { type OpenHost, openInFront } from '../session.ts'
import type { FinalBlock, Section } from '../types.ts'
import { createIdentifier, encodeTransaction, NONCE_BYTES } from '../value.ts'
import type { Endpoint } from './channel.ts'
import { createRemote } from './remote.ts'
import { serve } from './serve.ts'

/** A section whose host is at the other end of a port, as if it ran in a worker. */
async function openRemote(network: MemoryNetwork, wishes: Partial<Wishes> = {}) {
  const { port1, port2 } = new MessageChannel()
  const sent = { frames: 0 }
  serve(port2 as unknown as Endpoint)
  const remote = createRemote({
    endpoint: port1 as unknown as Endpoint,
    wishes: {
      ...{ room: 'room', storage: 'memory', isServerless: false, maxVoters: 13 },
      ...{ admission: 'open', mayVote: null, invitation: null, preferred: null },
      ...wishes,
    },
    connect({ peer }, handlers) {
      const transport = network.join(peer, handlers)
      const send = (to: string, frame: Uint8Array) => {
        sent.frames++
        return transport.send(to, frame)
      }
      return { ...transport, send }
    },
    lastWords: () => {
      throw new Error('refused')
    },
    done: () => {
      port1.close()
      port2.close()
    },
  })
  let host: SectionHost | null = null
  const open: OpenHost = async (begin) => {
    host = await remote.open(begin)
    return host
  }
  const session = await openInFront(open, {
    nowMs: ownClock,
    random: ownRandom,
    transport: remote.diagnostics,
    thread: { worker: true, reason: null },
  })
  onTestFinished(() => session.section.close())
  /** As the page's own events do, and `submitTwice` as nobody does who is honest. */
  const page = {
    submitTwice(value: unknown) {
      const transaction = encodeTransaction(createIdentifier(session.section.me), ownRandom(NONCE_BYTES), value)
      const submitted = { ...transaction, draw: false }
      host?.submit([submitted, submitted])
    },
    readBlocks: async (id: string, to: number) => ((await host?.readBlocks(id, 1, to)) ?? []).map(readBlock),
    freeze: () => host?.standDown('frozen'),
    thaw: () => host?.wake(),
  }
  return { ...session, remote, page, sent }
}

async function joinAll(count: number): Promise<{ network: MemoryNetwork; sections: Section[] }> {
  const network = createMemoryNetwork()
  const sections: Section[] = []
  for (let i = 0; i < count; i++) {
    const { section, joined } = await openRemote(network)
    await joined
    sections.push(section)
  }
  return { network, sections }
}

describe('a section in a worker', () => {
  test('does all that one on the page does: receipts, blocks, certificates, diagnostics', async () => {
    const { sections } = await joinAll(2)
    const [a, b] = sections as [Section, Section]
    const value = { pay: 'bob', amount: 3, bytes: new Uint8Array([1, 2]), at: new Date(5) }
    const receipt = a.submit(value)
    const { height } = await receipt.final
    await until(b, (status) => status.height >= height)
    const final = b.block(height)?.transactions.find(({ id }) => id === receipt.id)
    expect(final).toEqual({ id: receipt.id, creator: a.me, value })
    expect(a.id).toBe(b.id)
    const certificate = await b.certificate(height)
    expect(certificate.blockHash).toBe(a.block(height)?.hash)
    expect(a.diagnostics()).toMatchObject({
      thread: { worker: true, reason: null },
      storage: { persistent: false },
      transport: { peers: expect.arrayContaining([expect.objectContaining({ peer: b.me, state: 'up' })]) },
    })
    expect(a.diagnostics().events).toBeGreaterThan(0)
    expect(a.status).toMatchObject({ storage: 'memory', storageReason: expect.stringContaining('application wants') })
  })

  test('tells every listener every block from 1, and iterations go on with those to come', async () => {
    const { sections } = await joinAll(1)
    const [only] = sections as [Section]
    await only.submit(1).final
    await only.submit(2).final
    const heard: FinalBlock[] = []
    only.on('block', (block) => heard.push(block))
    const iterated: number[] = []
    for await (const { height } of only.blocks()) {
      iterated.push(height)
      if (height === 2) break
    }
    expect([heard.map(({ height }) => height), iterated]).toEqual([
      [1, 2],
      [1, 2],
    ])
  })

  test('knows why something failed: errors keep their code', async () => {
    const { sections } = await joinAll(1)
    const [only] = sections as [Section]
    await expect(only.invitation({ uses: 0 })).rejects.toMatchObject({ name: 'ParsecError', code: 'badOptions' })
    expect(() => only.submit(() => {})).toThrow(expect.objectContaining({ code: 'badValue' }))
    const certificate = only.certificate(9)
    await only.close()
    await expect(certificate).rejects.toMatchObject({ code: 'closed' })
    expect(() => only.submit(1)).toThrow(expect.objectContaining({ code: 'closed' }))
  })

  test("asks the page's functions whom to let in and who may vote", async () => {
    const network = createMemoryNetwork()
    const asked: string[] = []
    const admission = async (peer: string) => {
      asked.push(peer)
      return asked.length > 1
    }
    const a = await openRemote(network, { admission, mayVote: async () => true })
    await a.joined
    const b = await openRemote(network)
    await expect(b.joined).rejects.toMatchObject({ code: 'notAdmitted', reason: 'declined' })
    const c = await openRemote(network)
    await c.joined
    expect(asked).toEqual([b.section.me, c.section.me])
  })

  test('who leaves is removed, and its status says so', async () => {
    const { sections } = await joinAll(2)
    const [founder, other] = sections as [Section, Section]
    await founder.leave()
    expect(founder.status.state).toBe('left')
    await until(other, ({ members, role }) => members.length === 1 && role === 'voter')
  })

  test('frozen, says that it sleeps and nothing more; thawed, it says everything', async () => {
    const network = createMemoryNetwork()
    const a = await openRemote(network)
    await a.joined
    const b = await openRemote(network)
    await b.joined
    const before = a.section.submit('before')
    await before.final
    const heard: number[] = []
    a.section.on('block', ({ height }) => heard.push(height))
    a.page.freeze()
    const { frames } = a.sent
    await until(b.section, ({ members }) => members.some(({ asleep }) => asleep))
    const { height } = b.section.status
    const receipt = a.section.submit('while it was frozen')
    // The worker goes on and decides alone, of which nobody hears.
    for (let i = 0; i < 20; i++) await Promise.all([a.section.invitation(), b.section.invitation()])
    expect(a.sent.frames).toBe(frames)
    expect([heard.length, a.section.status.height > height, b.section.status.height]).toEqual([height, true, height])
    a.page.thaw()
    a.page.thaw()
    await receipt.final
    await until(b.section, (status) => status.height > height && status.asleep === 0 && status.state === 'ready')
    const values = [b.section.block(height + 1)].flatMap((block) => block?.transactions.map(({ value }) => value))
    expect(values).toEqual(['while it was frozen'])
    expect(heard).toEqual(heard.map((_, i) => i + 1))
  })

  test('tells old blocks again as they were, also while the worker starts anew, and those of no other section', async () => {
    const { section, joined, page } = await openRemote(createMemoryNetwork())
    await joined
    const live: FinalBlock[] = []
    section.on('block', (block) => live.push(block))
    page.submitTwice('twice')
    await section.submit('last').final
    page.freeze()
    page.thaw()
    const asked: Promise<FinalBlock[]>[] = []
    for (let i = 0; i < 100; i++) {
      asked.push(page.readBlocks(section.id, live.length))
      await new Promise((resolve) => setImmediate(resolve))
    }
    for (const blocks of await Promise.all(asked)) expect(blocks).toEqual(live)
    expect(live.flatMap(({ transactions }) => transactions.map(({ value }) => value))).toEqual(['twice', 'last'])
    await expect(page.readBlocks('0'.repeat(64), 1)).rejects.toMatchObject({ code: 'superseded' })
  })

  test('stops with an alarm when the worker fails', async () => {
    const { section, joined, remote } = await openRemote(createMemoryNetwork())
    await joined
    const alarms: string[] = []
    section.on('alarm', (reason) => alarms.push(reason))
    const receipt = section.submit(1)
    remote.fail('the worker failed: out of memory')
    await expect(receipt.final).rejects.toMatchObject({ code: 'stopped' })
    expect(alarms).toEqual(['the worker failed: out of memory'])
  })
})
