import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { sourceAlias } from '../vite.config.ts'
import { impairConnections, letTabsBetray } from './break/swap.ts'
import { worksOffline } from './offline/plugin.ts'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Relative, so that the build can be served from any path.
  base: './',
  resolve: { alias: sourceAlias },
  plugins: [impairConnections(), letTabsBetray(), worksOffline()],
  worker: { format: 'es', plugins: () => [letTabsBetray()] },
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2023' },
})
