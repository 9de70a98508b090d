import { describe, expect, test } from 'vitest'
import { de } from './de.ts'
import { en } from './en.ts'
import { languages, wordsFor } from './words.ts'

type Leaf = string | ((...parameters: unknown[]) => string)

/** Path and content of every sentence. */
function leaves(words: object, path = ''): [string, Leaf][] {
  return Object.entries(words).flatMap(([name, value]) => {
    const at = `${path}.${name}`
    return typeof value === 'object' ? leaves(value, at) : [[at, value as Leaf] as [string, Leaf]]
  })
}

/** With what a sentence may be asked to speak of. */
function spoken(leaf: Leaf, number: number): string {
  if (typeof leaf === 'string') return leaf
  const samples: Record<string, unknown> = { items: ['A', 'B'], kind: 'fork', more: number > 1 }
  const names =
    /^\(?([^)=]*)\)?\s*=>/
      .exec(leaf.toString())?.[1]
      ?.split(',')
      .map((name) => name.trim()) ?? []
  return leaf(...names.map((name) => samples[name] ?? number))
}

describe.each(languages.map((words) => [words.language, words] as const))('%s', (_language, words) => {
  test('has every sentence that English has, and no other', () => {
    expect(leaves(words).map(([path]) => path)).toEqual(leaves(en).map(([path]) => path))
  })

  test.each([1, 2, 4])('says something everywhere, about %i too', (number) => {
    for (const [path, leaf] of leaves(words)) {
      const text = spoken(leaf, number)
      expect(text.trim(), path).not.toBe('')
      expect(text, path).not.toMatch(/undefined|NaN|\[object|=>/)
    }
  })

  test('takes as many facts for each sentence as English does', () => {
    const arity = ([path, leaf]: [string, Leaf]) => [path, typeof leaf === 'string' ? 'text' : leaf.length]
    expect(leaves(words).map(arity)).toEqual(leaves(en).map(arity))
  })
})

test('in German nothing is left in English but what both call alike', () => {
  const english = new Map(leaves(en))
  const alike = leaves(de).filter(([path, leaf]) => spoken(leaf, 4) === spoken(english.get(path) ?? '', 4))
  expect(alike.map(([path]) => path)).toEqual([
    ...['.milliseconds', '.list', '.account.name', '.proof.file', '.breaking.links.delays'],
  ])
})

test('the browser’s languages are taken in their order, whatever the country', () => {
  expect(wordsFor(['fr-FR', 'de-AT', 'en-GB']).locale).toBe('de')
  expect(wordsFor(['EN-us', 'de']).locale).toBe('en')
})

test('whoever understands none of them is spoken to in English', () => {
  expect(wordsFor(['fr', 'nl-BE']).locale).toBe('en')
  expect(wordsFor([]).locale).toBe('en')
})
