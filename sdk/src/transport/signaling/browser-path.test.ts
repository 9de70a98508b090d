import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFakeBrowser, type FakeBrowser } from '../../../test/transport/fake-browser.ts'
import { createFakeSignaling } from '../../../test/transport/fake-signaling.ts'
import { advance, high, low, middle, settle, useMeshRig } from '../../../test/transport/mesh-rig.ts'
import type { SignalingState } from '../port.ts'
import type { BroadcastChannelConstructor } from './browser-path.ts'
import type { SignalingMessage } from './messages.ts'
import { createSignalingClient, type SignalingClient, type SignalingClientOptions } from './signaling-client.ts'

const announce: SignalingMessage = { type: 'parsec-announce', from: 'ab'.repeat(32), session: 'cd'.repeat(16) }

describe('the tabs of one browser', () => {
  let browser: FakeBrowser
  const clients: SignalingClient[] = []

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    browser = createFakeBrowser()
  })
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()))
    expect(browser.channels.size).toBe(0)
    if (vi.isFakeTimers()) expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  function open(more: Partial<SignalingClientOptions> = {}) {
    const values: unknown[] = []
    const states: SignalingState[] = []
    const tab = { values, states, subscribed: 0 }
    const client = createSignalingClient({
      urls: [],
      room: 'r',
      WebSocket: createFakeSignaling().WebSocket,
      BroadcastChannel: browser.BroadcastChannel,
      random: () => 0.5,
      message: (value) => values.push(value),
      state: (state) => states.push(state),
      subscribed: () => {
        tab.subscribed += 1
      },
      ...more,
    })
    clients.push(client)
    return Object.assign(tab, { client })
  }

  it('hear each other without any server, those in the same room only', async () => {
    const [a, b, elsewhere] = [open(), open(), open({ room: 's' })]
    await advance(0)
    expect(a.subscribed, 'told that it is time to announce').toBe(1)
    a.client.publish(announce)
    await advance(0)
    expect(b.values).toEqual([announce])
    expect([...a.values, ...elsewhere.values]).toEqual([])
  })

  it('know after a second that nobody else is there, until somebody is heard', async () => {
    const a = open()
    await advance(999)
    expect(a.states).toEqual([{ kind: 'browser', url: 'browser:', connected: true }])
    await advance(1)
    expect(a.states.at(-1)).toEqual({ kind: 'browser', url: 'browser:', connected: true, clients: 1 })
    const b = open()
    await advance(0)
    b.client.publish(announce)
    await advance(0)
    expect(a.states.at(-1)).toEqual({ kind: 'browser', url: 'browser:', connected: true })
    a.client.publish(announce)
    await advance(5_000)
    expect(b.states, 'an answer came in time').toEqual([{ kind: 'browser', url: 'browser:', connected: true }])
  })

  it('count what other pages of the origin write into their channel, and go on', async () => {
    const a = open()
    await advance(0)
    for (const junk of [announce, 7, null, new Uint8Array(9), '{', `"${'x'.repeat(65_536)}"`]) browser.inject(junk)
    expect(a.values).toEqual([])
    expect(a.client.diagnostics()).toMatchObject([{ kind: 'browser', junk: 6, undecipherable: 0 }])
    browser.inject(JSON.stringify(announce))
    expect(a.values).toEqual([announce])
  })

  it('write nothing that can be read without the room password, and learn of each other that they differ', async () => {
    vi.useRealTimers()
    const [right, wrong] = [open({ password: 'right' }), open({ password: 'wrong' })]
    await vi.waitUntil(() => right.subscribed === 1 && wrong.subscribed === 1)
    right.client.publish(announce)
    await vi.waitUntil(() => wrong.client.diagnostics()[0]?.undecipherable === 1)
    expect(JSON.stringify(browser.posted)).not.toContain(announce.from)
    expect(wrong.values).toEqual([])
    expect(wrong.subscribed, 'time to answer, so that the other side learns of it').toBe(2)
    expect(wrong.states.at(-1)).toMatchObject({ unreadable: true })
  })

  it('do without where the browser has no channel for them', async () => {
    const Refusing = class {
      constructor() {
        throw new DOMException('not here')
      }
    } as unknown as BroadcastChannelConstructor
    const a = open({ BroadcastChannel: Refusing })
    await advance(2_000)
    a.client.publish(announce)
    expect(a.client.diagnostics()).toMatchObject([{ kind: 'browser', connected: false, lastError: 'not here' }])
    expect(a.subscribed).toBe(0)
  })

  it('leave no channel behind, whenever they close', async () => {
    const a = open()
    await a.client.close()
    await advance(0)
    expect(browser.posted).toEqual([])
    expect(a.states).toEqual([])
  })
})

describe('without any server', () => {
  const rig = useMeshRig()
  const upOf = (member: { readonly transport: { peers(): readonly string[] } }) => member.transport.peers()

  it('tabs of one browser connect, and again after their connection broke', async () => {
    const browser = createFakeBrowser()
    const here = { signaling: [], BroadcastChannel: browser.BroadcastChannel }
    const [a, b] = [rig.join(low, here), rig.join(middle, here)]
    await settle()
    expect([upOf(a), upOf(b)]).toEqual([[b.peer], [a.peer]])
    rig.net.breakAll()
    await advance(10)
    expect([upOf(a), upOf(b)]).toEqual([[], []])
    await advance(5_000)
    expect([upOf(a), upOf(b)]).toEqual([[b.peer], [a.peer]])
    expect(a.transport.diagnostics().signaling).toMatchObject([{ kind: 'browser', connected: true }])
  })

  it('a new tab meets members on other machines through a member in its own browser', async () => {
    const browser = createFakeBrowser()
    const dead = { signaling: ['ws://one'], BroadcastChannel: browser.BroadcastChannel }
    const member = rig.join(middle, dead)
    const elsewhere = rig.join(high)
    await settle()
    rig.signaling.setReachable(false)
    await settle()
    const newcomer = rig.join(low, dead)
    await advance(3_000)
    expect(upOf(newcomer)).toEqual([member.peer, elsewhere.peer])
    expect(newcomer.transport.diagnostics().signaling).toMatchObject([
      { kind: 'server', connected: false },
      { kind: 'browser', connected: true },
    ])
  })

  it('nothing that is written into the channel breaks a connection, or is taken for a word of a peer', async () => {
    const browser = createFakeBrowser()
    const here = { signaling: [], BroadcastChannel: browser.BroadcastChannel }
    const [a, b] = [rig.join(low, here), rig.join(middle, here)]
    await settle()
    const signals = browser.posted.map((text) => JSON.parse(String(text))).filter(({ type }) => type === 'signal')
    expect(signals.length).toBeGreaterThan(0)
    for (const signal of signals) browser.inject(JSON.stringify({ ...signal, n: signal.n + 100 }))
    await settle()
    expect([upOf(a), upOf(b)]).toEqual([[b.peer], [a.peer]])
    const forged = [a, b].flatMap(({ log }) =>
      log.filter((entry) => entry.kind === 'refused' && entry.refusal.code === 'badProof'),
    )
    expect(forged.length).toBeGreaterThan(0)
  })
})
