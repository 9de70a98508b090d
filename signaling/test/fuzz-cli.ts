/** `npm run fuzz -w signaling -- [--frames N] [--sockets N] [--seed N]`: exits with 1 on a crash, a leak or a missed message. */
import { parseArgs } from 'node:util'
import { fuzz } from './fuzz.ts'

/** Garbage collection leaves some; a leak of a hundred bytes per connection or ten per frame is beyond this. */
const heapGrowthBytesMax = 10_000_000

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '1000000' },
    sockets: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
  },
})
const options = { frames: Number(values.frames), sockets: Number(values.sockets), seed: Number(values.seed) }
console.log(`signaling fuzz: ${JSON.stringify(options)}`)
const result = await fuzz(options)
console.log(JSON.stringify(result, null, 2))
const problems = [
  result.missedMessage,
  result.pairReceived === result.pairSent ? null : 'the pair missed messages',
  result.metrics['sockets'] === 2 ? null : 'sockets are left over',
  result.metrics['topics'] === 1 ? null : 'topics are left over',
  result.heapGrowthBytes < heapGrowthBytesMax ? null : 'the heap grew',
].filter((problem) => problem !== null)
console.log(problems.length === 0 ? 'passed' : `FAILED: ${problems.join('; ')}`)
process.exit(problems.length === 0 ? 0 : 1)
