/** `npm run conformance -- DIR`: replays every recorded graph in DIR, a line each. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replay, type Vector } from './vector.ts'

const directory = process.argv[2]
if (!directory) {
  console.error('usage: npm run conformance -- DIR')
  process.exit(2)
}

let passed = 0
let failed = 0
for (const file of readdirSync(directory).sort()) {
  if (!file.endsWith('.json')) continue
  const start = performance.now()
  const vector = JSON.parse(readFileSync(join(directory, file), 'utf8')) as Vector
  const differences = replay(vector)
  const ms = (performance.now() - start).toFixed(0)
  if (differences.length === 0) passed++
  else failed++
  console.log(`${differences.length === 0 ? 'ok  ' : 'FAIL'} ${vector.name} (${vector.events.length} events, ${ms} ms)`)
  for (const line of differences.slice(0, 10)) console.log(`     ${line.slice(0, 300)}`)
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
