/**
 * Builds in which single modules of the SDK are replaced, so that a network can be impaired and a tab can betray. Nothing
 * of it is in the SDK: its packages have no such switch, and nothing outside of this build has one either.
 */
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** Connections that can be cut and delayed: see `impaired-connection.ts`. */
export function impairConnections(): Plugin {
  return swap('./connection.ts', '/sdk/src/transport/webrtc/transport.ts', here('impaired-connection.ts'))
}

/** A core that can be told to fork: see `traitor.ts`. Wherever the section runs, hence also for workers. */
export function letTabsBetray(): Plugin {
  return swap('../core/parsec.ts', '/sdk/src/runtime/engine.ts', here('traitor.ts'))
}

/** This import of this one module, and no other: the replacement itself imports what it replaces. */
function swap(source: string, importer: string, replacement: string): Plugin {
  return {
    name: `swap ${source}`,
    enforce: 'pre',
    resolveId: (imported, from) => (imported === source && from?.endsWith(importer) ? replacement : null),
  }
}
