/** Builds and serves the test page: the SDK from its sources, with connections that tests can impair. */
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'
import { sourceAlias } from '../../vite.config.ts'
import { buildAndServe, type ServedPage } from '../serve.ts'

const root = fileURLToPath(new URL('page', import.meta.url))
const impaired = fileURLToPath(new URL('impaired-connection.ts', import.meta.url))

/** The transport's own import, and no other: what impairs connections makes real ones itself. */
const impairConnections: Plugin = {
  name: 'impair-connections',
  enforce: 'pre',
  resolveId: (source, importer) =>
    source === './connection.ts' && importer?.endsWith('/sdk/src/transport/webrtc/transport.ts') ? impaired : null,
}

export function serveTestPage(): Promise<ServedPage> {
  return buildAndServe({
    configFile: false,
    root,
    base: './',
    resolve: { alias: sourceAlias },
    plugins: [impairConnections],
    build: { target: 'es2023' },
  })
}
