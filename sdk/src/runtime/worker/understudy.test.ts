import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { key, openTab, pass, stopTime, tabOptions } from '../../../test/sessions.ts'
import { createIdentityKey, identityFrom } from '../../crypto/index.ts'
import { createMemoryStore, type Store } from '../../store/index.ts'
import { createMemoryNetwork } from '../../transport/memory.ts'
import type { Transport } from '../../transport/port.ts'
import { deferred } from '../deferred.ts'
import { openHost } from '../host.ts'
import { createLastWords, type SynchronousStorage } from '../last-words.ts'
import type { SectionHost, Submitted } from '../news.ts'
import { offline, openInFront } from '../session.ts'
import { joiningStatus, keepingOf } from '../status.ts'
import type { SectionStatus } from '../types.ts'
import { createPrompter } from './prompter.ts'
import type { ToPage } from './protocol.ts'
import { createUnderstudy, type Understudy } from './understudy.ts'

beforeEach(stopTime)
afterEach(() => void vi.useRealTimers())

function createPageStorage(): SynchronousStorage & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>()
  return {
    kept,
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  }
}

/** A founder whose host stores as it does in a worker, and the page that follows it; `b` is another member. */
async function section() {
  const network = createMemoryNetwork()
  const identityKey = createIdentityKey()
  const me = identityKey.peer
  const identity = identityFrom(identityKey)
  // At once, as time stands still.
  const sign = async (bytes: Uint8Array) => identity.signNow?.(bytes) ?? new Uint8Array(64)
  // Once the page has spoken, it sends nothing of its worker's.
  let isMute = false
  const storage = createPageStorage()
  const kept = createMemoryStore()
  const store: Store = { ...kept, close: async () => {} }
  let transport: Transport | null = null
  let understudy: Understudy | null = null
  const onNotice = (notice: ToPage) => {
    if (notice.kind === 'standBy') {
      understudy = createUnderstudy({
        ...{ key: notice.key, genesis: notice.genesis, words: createLastWords(() => storage, 'room', me) },
        nowMs: () => 1_000_000 + performance.now(),
        peers: () => transport?.peers() ?? [],
        send: (peer, frame) => transport?.send(peer, frame) ?? false,
      })
    } else if (notice.kind === 'follow') understudy?.follow(notice.events)
    else if (notice.kind === 'followed') understudy?.followed()
    else if (notice.kind === 'dismiss') understudy = null
  }
  const prompter = createPrompter({ tell: onNotice, tellBeforeNext: onNotice })
  const options = tabOptions(network, 'a', {
    identity: { ...identity, sign },
    openStore: async () => prompter.watchStore(identityKey, store),
    lastWords: createLastWords(() => storage, 'room', me),
    connect: (handlers) => {
      const page = network.join(me, handlers)
      transport = page
      return { ...page, send: (peer, frame) => isMute || page.send(peer, frame) }
    },
  })
  let host: SectionHost | null = null
  const submitted: Submitted[] = []
  const open = async () => {
    const session = await openInFront(
      async (begin) => {
        const hear = begin(me)
        host = await openHost(options, (news) => {
          if (news.kind === 'resumed') {
            isMute = false
            prompter.startAnew()
          }
          if (news.kind !== 'blocks' || !isMute) hear(news)
        })
        const { submit } = host
        host = {
          ...host,
          submit(submissions) {
            submitted.push(...submissions)
            submit(submissions)
          },
        }
        return host
      },
      { ...options, transport: () => offline },
    )
    onTestFinished(() => session.section.close())
    return session
  }
  const a = await open()
  a.section.on('status', (status) => prompter.onStatus(a.section.id, status))
  await pass(1_000)
  const b = await openTab(network, 'b')
  await pass(3_000)
  const speak = () => {
    isMute = true
    return understudy?.speak()
  }
  const reopen = async () => {
    isMute = false
    return await open()
  }
  /** The page runs again. What is final by then is submitted again as well, and must make no difference. */
  const resume = () => host?.resume(submitted)
  return { network, me, storage, a, b, reopen, resume, speak }
}

const voters = (status: { readonly members: readonly { readonly peer: string; readonly voter: boolean }[] }) =>
  status.members.flatMap(({ peer, voter }) => (voter ? [peer] : []))

describe('a page that is closed while its worker is the sole voter', () => {
  test('hands over before it is gone, and keeps what it said', async () => {
    const { network, me, storage, a, b, speak } = await section()
    a.section.submit('before')
    await pass(1_000)
    expect(voters(b.section.status)).toEqual([me])
    expect(speak()).toBe(true)
    expect(storage.kept.size).toBe(1)
    await pass(100)
    network.cut(me, key('b'))
    await pass(3_000)
    expect(voters(b.section.status)).toEqual([key('b')])
    const receipt = b.section.submit('after')
    await pass(1_000)
    await expect(receipt.final).resolves.toBeDefined()
  })

  test('comes back as the same member, though its worker had stored what was never sent', async () => {
    const { network, me, a, b, reopen, speak } = await section()
    expect(speak()).toBe(true)
    await pass(100)
    network.cut(me, key('b'))
    // The page is gone, and the worker has not noticed yet.
    a.section.submit('lost')
    await pass(1_000)
    expect(a.section.status.height).toBeGreaterThan(0)
    await a.section.close()
    network.heal(me, key('b'))
    const again = await reopen()
    await pass(3_000)
    expect(again.section.status).toMatchObject({ role: 'member', state: 'ready' })
    expect(again.section.status.height).toBe(b.section.status.height)
    again.section.submit('and says more')
    await pass(2_000)
    const last = b.section.block(b.section.status.height)
    expect(last?.transactions.map(({ value }) => value)).toEqual(['and says more'])
    expect([b.section.diagnostics().malice, again.section.diagnostics().malice]).toEqual([[], []])
    // Once more: what was left out stays left out.
    await again.section.close()
    const third = await reopen()
    await pass(3_000)
    expect(third.section.status).toMatchObject({ role: 'member', state: 'ready', height: b.section.status.height })
  })
})

test('a page that was frozen and runs again: what it said stands, and its worker says the rest anew', async () => {
  const { me, storage, a, b, resume, speak } = await section()
  const early = a.section.submit('early')
  await pass(1_000)
  expect(speak()).toBe(true)
  await pass(3_000)
  expect(voters(b.section.status)).toEqual([key('b')])
  // The worker runs on, decides alone, and stores what is never sent.
  const late = a.section.submit('late')
  await pass(1_000)
  resume()
  await pass(5_000)
  expect(a.section.status).toMatchObject({ role: 'member', state: 'ready', pending: 0 })
  const { height } = b.section.status
  expect(a.section.block(height)?.hash).toBe(b.section.block(height)?.hash)
  const blocks = Array.from({ length: height }, (_, i) => b.section.block(i + 1))
  const values = blocks.flatMap((block) => block?.transactions.map(({ creator, value }) => [creator, value]) ?? [])
  expect(values).toEqual([
    [me, 'early'],
    [me, 'late'],
  ])
  await expect(early.final).resolves.toBeDefined()
  await expect(late.final).resolves.toBeDefined()
  expect([b.section.diagnostics().malice, a.section.diagnostics().malice]).toEqual([[], []])
  expect(storage.kept.size).toBe(0)
})

test('nobody stands by where there is nobody to hand over to', async () => {
  const network = createMemoryNetwork()
  const told: string[] = []
  const prompter = createPrompter({ tell: ({ kind }) => told.push(kind), tellBeforeNext: () => {} })
  const identityKey = createIdentityKey()
  const a = await openTab(network, 'a', {
    openStore: async () => prompter.watchStore(identityKey, createMemoryStore()),
  })
  a.section.on('status', (status) => prompter.onStatus(a.section.id, status))
  await pass(1_000)
  a.section.submit(1)
  await pass(1_000)
  expect(told).toEqual([])
})

test('what was read before we became the sole voter again does not pass for all that is stored now', async () => {
  const told: string[] = []
  const prompter = createPrompter({ tell: ({ kind }) => told.push(kind), tellBeforeNext: () => {} })
  const kept = createMemoryStore()
  await kept.writeValue('genesis', new Uint8Array())
  const reads: (() => void)[] = []
  const load: Store['load'] = async () => {
    await new Promise<void>((resolve) => reads.push(resolve))
    return await kept.load()
  }
  prompter.watchStore(createIdentityKey(), { ...kept, load })
  const voter = (peer: string) => ({ peer, voter: true, online: true, asleep: false })
  const alone: SectionStatus = { ...joiningStatus('', keepingOf(true, null)), role: 'voter', voters: 1 }
  const needed: SectionStatus = { ...alone, members: [voter('a'), voter('b')] }
  prompter.onStatus('', needed)
  await pass(0)
  prompter.onStatus('', alone)
  prompter.onStatus('', needed)
  await pass(0)
  reads[0]?.()
  await pass(0)
  expect(told).toEqual(['standBy', 'dismiss', 'standBy'])
  reads[1]?.()
  await pass(0)
  expect(told).toEqual(['standBy', 'dismiss', 'standBy', 'followed'])
})

test('what is stored while the store is read follows what was read', async () => {
  const told: string[] = []
  const prompter = createPrompter({
    tell: (notice) =>
      told.push(notice.kind === 'follow' ? `follow ${notice.events.map((bytes) => bytes[0])}` : notice.kind),
    tellBeforeNext: () => {},
  })
  const kept = createMemoryStore()
  await kept.writeValue('genesis', new Uint8Array())
  await kept.append([{ id: 'a', bytes: Uint8Array.of(1) }])
  const read = deferred<void>()
  const load: Store['load'] = async () => {
    const loaded = await kept.load()
    await read.promise
    return loaded
  }
  const store = prompter.watchStore(createIdentityKey(), { ...kept, load })
  const voter = (peer: string) => ({ peer, voter: true, online: true, asleep: false })
  const alone: SectionStatus = { ...joiningStatus('', keepingOf(true, null)), role: 'voter', voters: 1 }
  prompter.onStatus('', { ...alone, members: [voter('a'), voter('b')] })
  await pass(0)
  await store.append([{ id: 'b', bytes: Uint8Array.of(2) }])
  read.resolve()
  await pass(0)
  await store.append([{ id: 'c', bytes: Uint8Array.of(3) }])
  expect(told).toEqual(['standBy', 'follow 1,2', 'followed', 'follow 3'])
})
