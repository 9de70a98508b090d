import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { foundedLedger } from './ledger.ts'
import { personaOf } from './names.ts'

const style = readFileSync(fileURLToPath(new URL('style.css', import.meta.url)), 'utf8')

test('a member has the name and colour of its key, and then the name that it chose', () => {
  const ledger = foundedLedger(['12345678aa'])
  const given = personaOf(ledger, '12345678aa')
  expect(personaOf(ledger, '12345678bb')).toEqual(given)
  expect(personaOf(ledger, '12345679aa').name).not.toBe(given.name)
  const named = { ...ledger, accounts: new Map([['12345678aa', { balance: 1, name: 'Ann' }]]) }
  expect(personaOf(named, '12345678aa')).toEqual({ ...given, name: 'Ann' })
})

test('initials can be read on every colour, light and dark (WCAG 2.2, 1.4.3)', () => {
  const rule = /\.avatar \{[^}]*\}/.exec(style)?.[0] ?? ''
  const colours = [...rule.matchAll(/hsl\(var\(--hue\) (\d+)% (\d+)%\)/g)].map(
    ([, s, l]): Shade => [Number(s), Number(l)],
  )
  expect(colours).toHaveLength(4)
  const [lightGround, darkGround, lightText, darkText] = colours as [Shade, Shade, Shade, Shade]
  for (let hue = 0; hue < 360; hue++) {
    for (const [ground, text] of [[lightGround, lightText] as const, [darkGround, darkText] as const]) {
      expect(contrast(luminance(hue, ...ground), luminance(hue, ...text)), `${hue}°`).toBeGreaterThanOrEqual(4.5)
    }
  }
})

/** Saturation and lightness, in percent. */
type Shade = readonly [number, number]

function contrast(one: number, other: number): number {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
}

/** Relative luminance (WCAG 2.2) of an HSL colour (CSS Color 4, section 7.1). */
function luminance(hue: number, saturation: number, lightness: number): number {
  const light = lightness / 100
  const chroma = (saturation / 100) * Math.min(light, 1 - light)
  const channel = (n: number) => {
    const k = (n + hue / 30) % 12
    const value = light - chroma * Math.max(-1, Math.min(k - 3, 9 - k, 1))
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * channel(0) + 0.7152 * channel(8) + 0.0722 * channel(4)
}
