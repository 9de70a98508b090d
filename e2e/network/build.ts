/** Builds and serves the test page: the SDK from its sources, with connections that tests can impair. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type InlineConfig, type Plugin, preview } from 'vite'
import { sourceAlias } from '../../vite.config.ts'

export interface ServedPage {
  readonly url: string
  close(): Promise<void>
}

const root = fileURLToPath(new URL('page', import.meta.url))
const impaired = fileURLToPath(new URL('impaired-connection.ts', import.meta.url))

/** The transport's own import, and no other: what impairs connections makes real ones itself. */
const impairConnections: Plugin = {
  name: 'impair-connections',
  enforce: 'pre',
  resolveId: (source, importer) =>
    source === './connection.ts' && importer?.endsWith('/sdk/src/transport/webrtc/transport.ts') ? impaired : null,
}

export async function serveTestPage(): Promise<ServedPage> {
  const outDir = mkdtempSync(join(tmpdir(), 'parsec-web-network-'))
  const options: InlineConfig = {
    configFile: false,
    root,
    base: './',
    logLevel: 'warn',
    resolve: { alias: sourceAlias },
    plugins: [impairConnections],
    build: { outDir, emptyOutDir: true, target: 'es2023' },
  }
  await build(options)
  const server = await preview({ ...options, preview: { port: 0, host: 'localhost' } })
  return {
    url: server.resolvedUrls?.local[0] ?? '',
    close: async () => {
      await server.close()
      rmSync(outDir, { recursive: true, force: true })
    },
  }
}
