import { expect, test } from 'vitest'
import { sectionOf, toInvitation } from './invitation.ts'

const id = '0123456789abcdef'.repeat(4)

test('an invitation names one section', () => {
  expect(sectionOf(toInvitation(id))).toBe(id)
})

test('blanks around it do not matter: it is copied and pasted', () => {
  expect(sectionOf(`  ${toInvitation(id)}\n`)).toBe(id)
})

test.each([
  ['nothing', ''],
  ['an id alone', id],
  ['another version', `parsec2-${id}`],
  ['an id that is too short', `parsec1-${id.slice(1)}`],
  ['an id that is too long', `parsec1-${id}0`],
  ['an id in capitals', `parsec1-${id.toUpperCase()}`],
  ['something else than an id', `parsec1-${'z'.repeat(64)}`],
])('anything else is `badInvitation`: %s', (_what, text) => {
  expect(() => sectionOf(text)).toThrow(expect.objectContaining({ code: 'badInvitation' }))
})
