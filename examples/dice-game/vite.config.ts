import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { sourceAlias } from '../../vite.config.ts'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  // The library from its sources: an application of your own has it from npm, and needs none of this.
  resolve: { alias: sourceAlias },
  build: { target: 'es2023', chunkSizeWarningLimit: 1_500 },
})
