import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** The SDK from its sources, so that the demo and the tests need no build of it. */
export const sourceAlias = {
  // Before the name that they begin with.
  'parsec-web/replica': fileURLToPath(new URL('./sdk/src/replica/index.ts', import.meta.url)),
  'parsec-web/react': fileURLToPath(new URL('./sdk/src/react/index.ts', import.meta.url)),
  'parsec-web/yjs': fileURLToPath(new URL('./sdk/src/yjs/index.ts', import.meta.url)),
  'parsec-web/platform': fileURLToPath(new URL('./sdk/src/platform.ts', import.meta.url)),
  'parsec-web/devtools': fileURLToPath(new URL('./sdk/src/devtools/index.ts', import.meta.url)),
  'parsec-web/verify': fileURLToPath(new URL('./sdk/src/verify/index.ts', import.meta.url)),
  'parsec-web': fileURLToPath(new URL('./sdk/src/index.ts', import.meta.url)),
}

/** For pages that say themselves where they are: the tests' own. */
export default defineConfig({
  base: './',
  resolve: { alias: sourceAlias },
  build: { target: 'es2023' },
})
