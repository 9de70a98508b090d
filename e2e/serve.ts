/** Builds pages with Vite and serves them, from a folder that goes with the server. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, type InlineConfig, preview } from 'vite'

export interface ServedPage {
  readonly url: string
  close(): Promise<void>
}

/** How large pages of tests are, and where building them takes its time, is of no interest. */
const quiet = { chunkSizeWarningLimit: 1_000, rolldownOptions: { checks: { pluginTimings: false } } } as const

export async function buildAndServe(config: InlineConfig): Promise<ServedPage> {
  const outDir = mkdtempSync(join(tmpdir(), 'parsec-web-site-'))
  const options = {
    ...config,
    logLevel: 'warn',
    build: { ...config.build, outDir, emptyOutDir: true, ...quiet },
  } as const
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
