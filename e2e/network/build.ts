/** Builds and serves the test page: the SDK from its sources, with connections that tests can impair. */
import { fileURLToPath } from 'node:url'
import { impairConnections } from '../../demo/break/swap.ts'
import { sourceAlias } from '../../vite.config.ts'
import { buildAndServe, type ServedPage } from '../serve.ts'

const root = fileURLToPath(new URL('page', import.meta.url))

export function serveTestPage(): Promise<ServedPage> {
  return buildAndServe({
    configFile: false,
    root,
    base: './',
    resolve: { alias: sourceAlias },
    plugins: [impairConnections()],
    build: { target: 'es2023' },
  })
}
