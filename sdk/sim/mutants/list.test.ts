import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { mutants } from './list.ts'

// A long run plants them one after another: a text that the code has moved on from would end it in the middle.
test.each(mutants)('the text of the bug “$name” stands once in its file', ({ file, find }) => {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
  expect(text.split(find)).toHaveLength(2)
})
