import { describe, expect, test } from 'vitest'
import { createIdentity } from '../crypto/index.ts'
import { decodeInvitation } from '../wire/index.ts'
import { readInvitation, writeInvitation } from './invitation.ts'

const sectionId = '0123456789abcdef'.repeat(4)
const inviter = { sectionId, nowMs: 1_000, random: (length: number) => new Uint8Array(length).fill(7) }
const written = async () => writeInvitation({ ...inviter, identity: await createIdentity() }, {})

describe('an invitation', () => {
  test('names one section, and fits into a link', async () => {
    const text = await written()
    expect(readInvitation(text).sectionId).toBe(sectionId)
    expect(encodeURIComponent(text)).toBe(text)
    expect(text.length).toBeLessThan(256)
  })

  test('blanks around it do not matter: it is copied and pasted', async () => {
    expect(readInvitation(`  ${await written()}\n`).sectionId).toBe(sectionId)
  })

  test('is good for one use and a day, unless said otherwise', async () => {
    const identity = await createIdentity()
    const terms = async (chosen: Parameters<typeof writeInvitation>[1]) => {
      const decoded = decodeInvitation(readInvitation(await writeInvitation({ ...inviter, identity }, chosen)).bytes)
      return 'ok' in decoded ? decoded.ok.invitation : null
    }
    expect(await terms({})).toMatchObject({ uses: 1, expiresAtMs: 1_000 + 24 * 60 * 60 * 1000, inviter: identity.peer })
    expect(await terms({ uses: 5, validForMs: 10 })).toMatchObject({ uses: 5, expiresAtMs: 1_010 })
  })

  test.each([{ uses: 0 }, { uses: 1.5 }, { uses: 65_536 }, { validForMs: 0 }, { validForMs: Number.NaN }])(
    'cannot have terms like %j: `badOptions`',
    async (terms) => {
      const identity = await createIdentity()
      await expect(writeInvitation({ ...inviter, identity }, terms)).rejects.toMatchObject({ code: 'badOptions' })
    },
  )
})

test.each([
  ['nothing', () => ''],
  ['an id alone', () => sectionId],
  ['a prefix alone', () => 'parsec1-'],
  ['another version', (text: string) => text.replace('parsec1-', 'parsec2-')],
  ['something shorter', (text: string) => text.slice(0, -4)],
  ['something longer', (text: string) => `${text}AAAA`],
  ['what is no base64', (text: string) => `${text.slice(0, -1)}!`],
  ['another format of the content', (text: string) => text.replace('parsec1-A', 'parsec1-B')],
])('anything else is `badInvitation`: %s', async (_what, change) => {
  const text = await written()
  expect(() => readInvitation(change(text))).toThrow(expect.objectContaining({ code: 'badInvitation' }))
})
