/** The build's own list of files, for the service worker that keeps them. Runs in Node, with the build. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Plugin } from 'vite'

const source = fileURLToPath(new URL('service-worker.ts', import.meta.url))

/** Emits `service-worker.js`, which holds the names of all other files and a hash of what is in them. */
export function worksOffline(): Plugin {
  let publicDir = ''
  return {
    name: 'works offline',
    apply: 'build',
    configResolved(config) {
      publicDir = config.publicDir
    },
    generateBundle: {
      // When the page is in the bundle, too.
      order: 'post',
      async handler(_, bundle) {
        const hash = createHash('sha256')
        const files = Object.values(bundle).map((file) => {
          hash.update(file.type === 'chunk' ? file.code : file.source)
          return file.fileName
        })
        for (const file of readdirSync(publicDir)) {
          hash.update(readFileSync(join(publicDir, file)))
          files.push(file)
        }
        const { outputFiles } = await build({
          ...{ entryPoints: [source], bundle: true, minify: true, write: false, format: 'iife' },
          define: { FILES: JSON.stringify(files), VERSION: JSON.stringify(hash.digest('hex').slice(0, 16)) },
        })
        this.emitFile({ type: 'asset', fileName: 'service-worker.js', source: outputFiles[0]?.text ?? '' })
      },
    },
  }
}
