import { describe, expect, it } from 'vitest'
import { createStubIdentity, verifyStub } from '../../test/transport/members.ts'
import {
  createHandshake,
  type Handshake,
  type HandshakeConfig,
  type HandshakeEffect,
  handshakeTranscript,
} from './handshake.ts'
import { encodeMessage, type Hello } from './messages.ts'

const alice = createStubIdentity(1)
const bob = createStubIdentity(2)
const helloOf = (peer: string, fill: number, more: Partial<Hello> = {}): Hello => ({
  room: 'r',
  peer,
  session: fill.toString(16).padStart(32, '0'),
  nonce: new Uint8Array(32).fill(fill),
  ...more,
})
const configOf = (mine: string, theirs: string, more: Partial<HandshakeConfig> = {}): HandshakeConfig => ({
  hello: helloOf(mine, mine === alice.peer ? 1 : 2),
  localFingerprint: `print of ${mine}`,
  remoteFingerprint: `print of ${theirs}`,
  expected: theirs,
  ...more,
})

/** Runs both sides to the end, every message delivered at once; answers with what each of them concluded. */
const run = async (a: HandshakeConfig, b: HandshakeConfig) => {
  const sides = [
    { handshake: createHandshake(a), identity: a.hello.peer === bob.peer ? bob : alice, conclusions: [] as unknown[] },
    {
      handshake: createHandshake(b),
      identity: b.hello.peer === alice.peer ? alice : bob,
      conclusions: [] as unknown[],
    },
  ] as const
  const work: { side: 0 | 1; effect: HandshakeEffect }[] = []
  const push = (side: 0 | 1, effects: HandshakeEffect[]) => {
    for (const effect of effects) work.push({ side, effect })
  }
  push(0, sides[0].handshake.start())
  push(1, sides[1].handshake.start())
  for (let next = work.shift(); next; next = work.shift()) {
    const { side, effect } = next
    const { handshake, identity, conclusions } = sides[side]
    const other = side === 0 ? 1 : 0
    if (effect.kind === 'send') push(other, sides[other].handshake.receive(effect.bytes))
    else if (effect.kind === 'sign') push(side, handshake.signed(await identity.sign(effect.message)))
    else if (effect.kind === 'verify') {
      push(side, handshake.verified(await verifyStub(effect.peer, effect.signature, effect.message)))
    } else conclusions.push(effect.kind === 'refused' ? effect.refusal : effect)
  }
  return sides.map(({ conclusions }) => conclusions)
}

describe('handshake', () => {
  it('ends with both sides accepting the other under the key it proved', async () => {
    const [a, b] = await run(configOf(alice.peer, bob.peer), configOf(bob.peer, alice.peer))
    expect(a).toEqual([{ kind: 'accepted', peer: bob.peer, session: helloOf('', 2).session }])
    expect(b).toEqual([{ kind: 'accepted', peer: alice.peer, session: helloOf('', 1).session }])
  })

  it('takes anybody when nobody in particular is expected', async () => {
    const [a] = await run(configOf(alice.peer, bob.peer, { expected: null }), configOf(bob.peer, alice.peer))
    expect(a).toMatchObject([{ kind: 'accepted', peer: bob.peer }])
  })

  it.each([['localFingerprint'], ['remoteFingerprint']])(
    'refuses proofs when one side sees another %s',
    async (which) => {
      const [a, b] = await run(configOf(alice.peer, bob.peer, { [which]: 'swapped' }), configOf(bob.peer, alice.peer))
      for (const side of [a, b]) expect(side).toMatchObject([{ code: 'badProof' }])
    },
  )

  it('writes one transcript on both sides, and another for every part that differs', () => {
    const a = { hello: helloOf(alice.peer, 1), fingerprint: 'x' }
    const b = { hello: helloOf(bob.peer, 2), fingerprint: 'y' }
    expect(handshakeTranscript(a, b)).toEqual(handshakeTranscript(b, a))
    const nonce = new Uint8Array(32).fill(3)
    const others = [
      handshakeTranscript({ ...a, hello: { ...a.hello, nonce } }, b),
      handshakeTranscript(a, { ...b, hello: { ...b.hello, nonce } }),
      handshakeTranscript({ ...a, fingerprint: 'z' }, b),
      handshakeTranscript({ ...a, fingerprint: 'y' }, { ...b, fingerprint: 'x' }),
    ]
    for (const other of others) expect(other).not.toEqual(handshakeTranscript(a, b))
  })

  it('refuses another room, on both sides', async () => {
    const [a, b] = await run(
      configOf(alice.peer, bob.peer),
      configOf(bob.peer, alice.peer, { hello: helloOf(bob.peer, 2, { room: 's' }) }),
    )
    expect(a).toMatchObject([{ code: 'wrongRoom', by: 'us' }])
    expect(b).toMatchObject([{ code: 'wrongRoom' }])
  })

  it('refuses its own key at the other end', async () => {
    const [a] = await run(configOf(alice.peer, alice.peer), configOf(alice.peer, alice.peer))
    expect(a).toMatchObject([{ code: 'duplicateIdentity', peer: alice.peer }])
  })

  it('refuses another key than the expected one', async () => {
    const [a] = await run(configOf(alice.peer, '09'.repeat(32)), configOf(bob.peer, alice.peer))
    expect(a).toEqual([{ code: 'badProof', by: 'us', peer: bob.peer }])
  })

  describe('one side', () => {
    const started = (): Handshake => {
      const handshake = createHandshake(configOf(alice.peer, bob.peer))
      handshake.start()
      return handshake
    }
    const hello = encodeMessage({ kind: 'hello', hello: helloOf(bob.peer, 2) })
    const proof = encodeMessage({ kind: 'proof', signature: new Uint8Array(64) })
    const accept = encodeMessage({ kind: 'accept' })
    const refusalOf = (effects: HandshakeEffect[]) =>
      effects.flatMap((effect) => (effect.kind === 'refused' ? [effect.refusal] : []))

    it('names the version of a peer that speaks another one, whatever follows it', () => {
      const other = Uint8Array.of(1, 0, 9, 77)
      expect(refusalOf(started().receive(other))).toEqual([
        { code: 'wrongVersion', ours: 1, theirs: 9, by: 'us', peer: bob.peer },
      ])
    })

    it.each([
      ['a proof before the hello', [proof]],
      ['an acceptance before any proof', [hello, accept]],
      ['two hellos', [hello, hello]],
      ['two proofs', [hello, proof, proof]],
      ['a frame', [encodeMessage({ kind: 'frame', bytes: new Uint8Array(3) })]],
      ['no bytes', [new Uint8Array()]],
      ['an unknown kind', [Uint8Array.of(99)]],
      ['a cut hello', [hello.subarray(0, 40)]],
      ['a long hello', [Uint8Array.of(...hello, 0)]],
    ])('refuses %s as malformed, and says so to the peer', (_what, messages) => {
      const handshake = started()
      const effects = messages.flatMap((bytes) => handshake.receive(bytes))
      expect(refusalOf(effects)).toMatchObject([{ code: 'malformed', by: 'us' }])
      expect(effects).toContainEqual({ kind: 'send', bytes: encodeMessage({ kind: 'refuse', code: 'malformed' }) })
    })

    it('does not count as accepted before the peer has accepted', () => {
      const handshake = started()
      handshake.receive(hello)
      handshake.signed(new Uint8Array(64))
      handshake.receive(proof)
      expect(handshake.verified(true)).toEqual([{ kind: 'send', bytes: accept }])
      expect(handshake.receive(accept)).toMatchObject([{ kind: 'accepted' }])
    })

    it('does nothing more once it is over', () => {
      const handshake = started()
      expect(refusalOf(handshake.timedOut())).toEqual([{ code: 'timeout', by: 'us', peer: bob.peer }])
      expect([handshake.receive(hello), handshake.timedOut(), handshake.verified(true)]).toEqual([[], [], []])
    })

    it('reports the refusal of the other side', () => {
      const effects = started().receive(encodeMessage({ kind: 'refuse', code: 'wrongRoom' }))
      expect(effects).toEqual([{ kind: 'refused', refusal: { code: 'wrongRoom', by: 'them', peer: bob.peer } }])
    })
  })
})
