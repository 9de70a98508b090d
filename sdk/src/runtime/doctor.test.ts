import { describe, expect, test } from 'vitest'
import type { PeerDiagnostics, SignalingDiagnostics } from '../transport/port.ts'
import { createRejectionLog, findingsOf } from './doctor.ts'

const A = 'a'.repeat(64)
const B = 'b'.repeat(64)
const C = 'c'.repeat(64)

const well: PeerDiagnostics = {
  ...{ peer: A, state: 'up', path: 'direct', candidatePair: 'host', rttMs: 2, bytesSent: 1, bytesReceived: 1 },
  ...{ bufferedBytes: 0, failures: 0, drops: {}, clockOffsetMs: 3, pathless: null, refusal: null },
}
const server: SignalingDiagnostics = {
  ...{ kind: 'server', url: 'wss://one', connected: true, clients: 2, lastError: null },
  ...{ junk: 0, undecipherable: 0, undecipherableAgoMs: null },
}

interface World {
  readonly peers?: readonly Partial<PeerDiagnostics>[]
  readonly signaling?: readonly Partial<SignalingDiagnostics>[]
  readonly rejections?: ReturnType<typeof createRejectionLog>['byPeer']
}

function findings({ peers = [{}], signaling = [{}], rejections = new Map() }: World) {
  return findingsOf({
    transport: {
      peers: peers.map((peer) => ({ ...well, ...peer })),
      signaling: signaling.map((each) => ({ ...server, ...each })),
      refusals: {},
    },
    rejections,
  })
}
const codes = (world: World) => findings(world).map(({ code }) => code)

test('nothing is found where nothing is wrong', () => {
  expect(findings({})).toEqual([])
  expect(findings({ signaling: [{ connected: false, lastError: null }] }), 'still dialling').toEqual([])
})

describe('signalingUnreachable', () => {
  const lost = { connected: false, lastError: 'closed with code 1006' }

  test('says that nobody new can be met when no server is left', () => {
    const [finding] = findings({ signaling: [lost] })
    expect(finding).toMatchObject({ code: 'signalingUnreachable', urls: ['wss://one'], all: true })
    expect(finding?.text).toContain('closed with code 1006')
    expect(finding?.text).toMatch(/nobody new can be met except through them\.$/)
  })

  test('says that tabs of this browser can be met all the same, and counts the browser for no server', () => {
    const browser = { kind: 'browser', url: 'browser:' } as const
    const [finding] = findings({ signaling: [lost, browser] })
    expect(finding).toMatchObject({ code: 'signalingUnreachable', urls: ['wss://one'], all: true })
    expect(finding?.text).toMatch(/nobody new can be met except through them and in this browser\.$/)
    expect(findings({ signaling: [browser] }), 'no server was asked for').toEqual([])
  })

  test('says that the others serve while one does', () => {
    const world = { signaling: [lost, { url: 'wss://two' }] }
    expect(findings(world)).toMatchObject([{ code: 'signalingUnreachable', urls: ['wss://one'], all: false }])
  })
})

describe('wrongPassword', () => {
  const unreadable = { undecipherable: 1, undecipherableAgoMs: 1_000 }

  test('is probably ours while we have met nobody, and else somebody else’s', () => {
    expect(findings({ peers: [], signaling: [unreadable] })).toMatchObject([{ code: 'wrongPassword', ours: true }])
    expect(findings({ signaling: [unreadable] })).toMatchObject([{ code: 'wrongPassword', ours: false }])
  })

  test('is forgotten when nothing of the kind was heard for five minutes', () => {
    expect(codes({ signaling: [{ ...unreadable, undecipherableAgoMs: 300_001 }] })).toEqual([])
  })
})

describe('a pair without a path', () => {
  const apart = { state: 'waiting', path: 'none', candidatePair: null } as const
  const addresses = { local: ['host', 'srflx'], remote: ['host', 'srflx'], turn: false } as const

  test('needs TURN where both had only addresses of their own', () => {
    const [finding] = findings({ peers: [{ ...apart, pathless: addresses }] })
    expect(finding).toMatchObject({ code: 'turnNeeded', peer: A, local: ['host', 'srflx'] })
    expect(finding?.text).not.toContain('Until then')
  })

  test('is told that members relay meanwhile, where they do', () => {
    const [finding] = findings({ peers: [{ ...apart, path: 'neighbours', pathless: addresses }] })
    expect(finding?.text).toContain('other members pass everything on')
  })

  test('has a failing TURN server where one is configured and gave no address, or one that leads nowhere', () => {
    const silent = { ...addresses, turn: true }
    const useless = { ...silent, local: ['host', 'relay'] } as const
    expect(codes({ peers: [{ ...apart, pathless: silent }] })).toEqual(['turnFailing'])
    expect(codes({ peers: [{ ...apart, pathless: useless }] })).toEqual(['turnFailing'])
  })

  test('means nothing where the other side never answered, has gone, or is connected by now', () => {
    const deaf = { ...addresses, remote: [] }
    expect(codes({ peers: [{ ...apart, pathless: deaf }] })).toEqual([])
    expect(codes({ peers: [{ ...apart, state: 'gone', pathless: addresses }] })).toEqual([])
    expect(codes({ peers: [{ pathless: addresses }] })).toEqual([])
  })
})

describe('versionMismatch', () => {
  const apart = { state: 'barred', path: 'none' } as const

  test('names both versions of the protocol', () => {
    const refusal = { peer: A, by: 'us', code: 'wrongVersion', ours: 1, theirs: 2 } as const
    expect(findings({ peers: [{ ...apart, refusal }] })).toMatchObject([
      { code: 'versionMismatch', ours: 1, theirs: 2 },
    ])
  })

  test('covers events of an unknown version', () => {
    expect(codes({ peers: [{ ...apart, drops: { unsupportedVersion: 1 } }] })).toEqual(['versionMismatch'])
  })
})

describe('clocks', () => {
  const peers = (...offsets: (number | null)[]) =>
    offsets.map((clockOffsetMs, i) => ({ peer: [A, B, C][i] as string, clockOffsetMs }))

  test('a peer far from the others is off', () => {
    expect(findings({ peers: peers(0, 100, 90_000) })).toMatchObject([{ code: 'clockOff', peer: C, offsetMs: 90_000 }])
    expect(codes({ peers: peers(0, 100, 29_000) })).toEqual([])
  })

  test('ours is off when the others agree with each other', () => {
    const found = findings({ peers: peers(-3_600_000, -3_600_100, -3_599_900) })
    expect(found).toMatchObject([{ code: 'ownClockOff', offsetMs: 3_600_000 }])
    expect(found[0]?.text).toContain('60 min ahead of the others')
  })

  test('of two nobody can say whose it is', () => {
    const found = findings({ peers: peers(-60_000) })
    expect(found).toMatchObject([{ code: 'clockOff', peer: A, offsetMs: -60_000 }])
    expect(found[0]?.text).toContain('unless ours is the wrong one')
  })

  test('that nobody measured say nothing', () => {
    expect(codes({ peers: peers(null, null, null) })).toEqual([])
  })
})

describe('eventsOff', () => {
  test('names the rules that a peer broke, whether it was dropped for it or not', () => {
    const log = createRejectionLog()
    log.note('wrongSequence', A)
    log.note('wrongSequence', A)
    const found = findings({ peers: [{ drops: { badSignature: 1 } }], rejections: log.byPeer })
    expect(found).toMatchObject([{ code: 'eventsOff', peer: A, reasons: { wrongSequence: 2, badSignature: 1 } }])
  })

  test('is not what happens among correct peers: leaving, timeouts, events from before a removal', () => {
    const log = createRejectionLog()
    for (const reason of ['removed', 'missingParents', 'timeout', 'wrongSection']) log.note(reason, A)
    expect(codes({ peers: [{ drops: { left: 3, silent: 1, failed: 2 } }], rejections: log.byPeer })).toEqual([])
  })
})

test('the log of rejections is bounded in peers and reasons', () => {
  const log = createRejectionLog()
  for (let i = 0; i < 1_000; i++) log.note(`reason ${i}`, A)
  for (let i = 0; i < 1_000; i++) log.note('malformed', `peer ${i}`)
  log.note('malformed', null)
  expect([log.byPeer.size, log.byPeer.get(A)?.size]).toEqual([256, 32])
})
