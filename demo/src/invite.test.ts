import { encode } from 'uqr'
import { expect, test } from 'vitest'
import { qrCodeOf } from './invite.ts'

test('a QR code’s path fills exactly the dark modules', () => {
  const link = 'https://example.org/?room=tea#invitation=parsec1-abc'
  const code = qrCodeOf(link)
  const { data } = encode(link, { ecc: 'L', border: 2 })
  const filled = [...(code?.path ?? '').matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => `${x} ${y}`)
  const dark = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? `${x} ${y}` : [])))
  expect(new Set(filled)).toEqual(new Set(dark))
  expect(code?.size).toBe(data.length)
})

test('what is longer than any QR code has none', () => {
  expect(qrCodeOf('x'.repeat(5_000))).toBeNull()
})
