import { describe, expect, test } from 'vitest'
import { type AgreedState, genesisState } from '../core/section/state.ts'
import { createIdentity, createVerifier } from '../crypto/index.ts'
import { decodeInvitation, encodeInvitation } from '../wire/index.ts'
import { type AdmissionContext, admissionRefusalOf, inWords, judge } from './admission.ts'
import { readInvitation, writeInvitation } from './invitation.ts'
import type { Admission } from './types.ts'

const sectionId = 'ab'.repeat(32)
const [member, candidate, stranger] = await Promise.all([createIdentity(), createIdentity(), createIdentity()])
const verifier = await createVerifier()

function stateWith(changes: Partial<AgreedState> = {}): AgreedState {
  const genesis = { founders: [member.peer], createdAtMs: 0, salt: '', previousSection: null, maxVoters: 4 }
  return { ...genesisState(genesis, sectionId), ...changes }
}

const context = (changes: Partial<AdmissionContext> = {}): AdmissionContext => ({
  ...{ sectionId, state: stateWith(), verifier, nowMs: 5_000 },
  ...changes,
})

async function invitation(by = member, changes: { sectionId?: string; validForMs?: number } = {}) {
  const { validForMs = 1_000, ...rest } = changes
  const inviter = { sectionId, identity: by, nowMs: 5_000, random: (n: number) => new Uint8Array(n), ...rest }
  const { bytes } = readInvitation(await writeInvitation(inviter, { uses: 2, validForMs }))
  const decoded = decodeInvitation(bytes)
  if ('error' in decoded) throw new Error(decoded.error.detail)
  return { bytes, ...decoded.ok }
}

const ask = (admission: Admission, bytes: Uint8Array = new Uint8Array(), changes: Partial<AdmissionContext> = {}) =>
  judge(admission, { peer: candidate.peer, invitation: bytes }, context(changes))

test('`open` lets everybody in whose key a member may have', async () => {
  expect(await ask('open')).toEqual({ admitted: null })
  expect(await judge('open', { peer: '00'.repeat(32), invitation: new Uint8Array() }, context())).toEqual({
    refused: 'inadmissibleKey',
  })
})

describe('`invitation`', () => {
  test('lets in with an invitation of a member, and says which, so that the blocks can count its uses', async () => {
    const { bytes, id } = await invitation()
    expect(await ask('invitation', bytes)).toEqual({ admitted: { id, uses: 2 } })
  })

  test('refuses whoever shows none', async () => {
    expect(await ask('invitation')).toEqual({ refused: 'notInvited' })
  })

  test('refuses what is no invitation, or one for another section', async () => {
    const { bytes } = await invitation(member, { sectionId: 'cd'.repeat(32) })
    expect(await ask('invitation', bytes)).toEqual({ refused: 'badInvitation' })
    expect(await ask('invitation', new Uint8Array(20))).toEqual({ refused: 'badInvitation' })
  })

  test('refuses terms that the signature is not over', async () => {
    const { invitation: terms, signature } = await invitation()
    const forged = encodeInvitation({ invitation: { ...terms, uses: 60_000 }, signature })
    expect(await ask('invitation', forged)).toEqual({ refused: 'badInvitation' })
  })

  test('refuses one that somebody else signed than a member', async () => {
    expect(await ask('invitation', (await invitation(stranger)).bytes)).toEqual({ refused: 'inviterNotMember' })
  })

  test('refuses one from a member that was removed since', async () => {
    const { bytes } = await invitation()
    const state = stateWith({ members: new Map([[stranger.peer, 0]]) })
    expect(await ask('invitation', bytes, { state })).toEqual({ refused: 'inviterNotMember' })
  })

  test('refuses it from the moment on at which it expires', async () => {
    const { bytes } = await invitation(member, { validForMs: 1_000 })
    expect(await ask('invitation', bytes, { nowMs: 5_999 })).toMatchObject({ admitted: {} })
    expect(await ask('invitation', bytes, { nowMs: 6_000 })).toEqual({ refused: 'invitationExpired' })
  })

  test('refuses it when the blocks say that it was used as often as it may be', async () => {
    const { bytes, id } = await invitation()
    const after = (uses: number) => stateWith({ invitationUses: new Map([[id, uses]]) })
    expect(await ask('invitation', bytes, { state: after(1) })).toMatchObject({ admitted: {} })
    expect(await ask('invitation', bytes, { state: after(2) })).toEqual({ refused: 'invitationUsedUp' })
  })
})

test('`allowList` lets in who is on it', async () => {
  expect(await ask({ allowList: [candidate.peer] })).toEqual({ admitted: null })
  expect(await ask({ allowList: [stranger.peer] })).toEqual({ refused: 'notOnTheList' })
})

test.each([
  ['says yes', () => true, { admitted: null }],
  ['says yes later', async () => true, { admitted: null }],
  ['says no', () => false, { refused: 'declined' }],
  ['says something else', () => 'yes' as unknown as boolean, { refused: 'declined' }],
  [
    'throws',
    () => {
      throw new Error('no network')
    },
    { refused: 'declined' },
  ],
  ['rejects', () => Promise.reject(new Error('no network')), { refused: 'declined' }],
])("the application's function %s", async (_what, admission, verdict) => {
  expect(await ask(admission)).toEqual(verdict)
})

test("a peer's reason that we do not know is `declined`", () => {
  expect(admissionRefusalOf('invitationExpired')).toBe('invitationExpired')
  expect(admissionRefusalOf('constructor')).toBe('declined')
  expect(inWords('invitationExpired')).toMatch(/expired/)
})
