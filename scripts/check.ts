/**
 * `npm run check [-- NAME…]`: types, lint, import directions, the documents' snippets, the packages and their sizes, and
 * that each of these checks can fail. Closes with `N passed, M failed`.
 */
import { fileURLToPath } from 'node:url'
import { checkDirections } from './check/directions.ts'
import { checkPackages } from './check/packages.ts'
import { checkTheChecks } from './check/planted.ts'
import { checkSnippets } from './check/snippets.ts'
import { checkLint, checkTypes } from './check/tools.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Builds everything, once for all that stands on it. */
const build = once(() => checkTypes(root))

const checks = new Map<string, (root: string) => Promise<string[]>>([
  ['types', build],
  ['lint', checkLint],
  ['directions', checkDirections],
  ['snippets', checkSnippets],
  ['packages', () => build().then(() => checkPackages(root))],
  ['checks-can-fail', checkTheChecks],
])

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !checks.has(name))
if (unknown.length > 0)
  throw new Error(`no such check: ${unknown.join(', ')}; there are ${[...checks.keys()].join(', ')}`)

const outcomes = await Promise.all(
  [...checks]
    .filter(([name]) => wanted.length === 0 || wanted.includes(name))
    .map(async ([name, check]) => {
      const started = performance.now()
      const complaints = await check(root)
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      console.log(`${complaints.length === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`)
      for (const complaint of complaints) console.log(complaint)
      return complaints.length === 0
    }),
)
const passed = outcomes.filter((ok) => ok).length
console.log(`${passed} passed, ${outcomes.length - passed} failed`)
if (passed < outcomes.length) process.exitCode = 1

function once<T extends object>(make: () => T): () => T {
  let made: T | null = null
  return () => {
    made ??= make()
    return made
  }
}
