/** What a worker that runs a section loads: `new Worker(…, { type: 'module' })`. */
import type { Endpoint } from './channel.ts'
import { READY } from './protocol.ts'
import { serve } from './serve.ts'

serve(globalThis as unknown as Endpoint)
// After this the page's messages find a listener.
globalThis.postMessage(READY)
