/** The headless peer of the soak, in a process of its own: submits, and says what it holds when it is asked. */
import { joinSection, type PeerOptions } from '../../peer/src/index.ts'
import type { Sample } from './samples.ts'

export interface NodePeerOptions extends PeerOptions {
  readonly everyMs: number
  readonly fillerBytes: number
}

/** What the parent may ask for. */
export type Question = 'sample' | 'close'

export type NodeSample = Omit<Sample, 'minute'>

const { everyMs, fillerBytes, ...options } = JSON.parse(process.argv[2] ?? '{}') as NodePeerOptions
const section = await joinSection(options)
let count = 0
const submitting = setInterval(() => {
  section.submit({ label: `node${count++}`, filler: new Uint8Array(fillerBytes) }).final.catch(() => {})
}, everyMs)

process.on('message', (question: Question) => {
  if (question === 'sample') process.send?.(sample())
  else void close()
})
process.send?.('joined')

async function close(): Promise<void> {
  clearInterval(submitting)
  await section.close()
  process.send?.(sample())
  // The native WebRTC stack holds the process open.
  process.disconnect()
  process.exit(0)
}

function sample(): NodeSample {
  globalThis.gc?.()
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage()
  const { peers } = section.diagnostics().transport
  const resources: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1
  return {
    heapBytes: heapUsed,
    bufferBytes: arrayBuffers,
    rssBytes: rss,
    events: section.diagnostics().events,
    height: section.status.height,
    members: section.status.members.length,
    connections: peers.filter(({ state }) => state === 'up').length,
    peersKnown: peers.length,
    resources,
  }
}
