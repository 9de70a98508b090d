import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { browsersUnderTest } from './scripts/browsers.ts'
import { sourceAlias } from './vite.config.ts'

/** What hangs ends; what is slow because the machine is does not fail. */
const patience = { testTimeout: 30_000, hookTimeout: 30_000, expect: { poll: { timeout: 15_000, interval: 20 } } }
const excluded = ['**/node_modules/**', '**/dist/**']

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias: sourceAlias },
        test: {
          ...patience,
          name: 'node',
          include: ['{sdk,signaling,peer,demo,examples,scripts}/**/*.test.ts'],
          exclude: [...excluded, '**/*.browser.test.ts'],
        },
      },
      {
        resolve: { alias: sourceAlias },
        // Found while a test runs, a dependency would be bundled then and the page reloaded under the test.
        optimizeDeps: {
          include: [
            'idb',
            'lib0/decoding',
            'lib0/encoding',
            'micro-packed',
            'msgpackr',
            'react',
            'react-dom/client',
            'simple-peer/simplepeer.min.js',
          ],
        },
        test: {
          ...patience,
          name: 'browser',
          include: ['{sdk,signaling,demo}/**/*.browser.test.ts'],
          exclude: excluded,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright(),
            instances: [...browsersUnderTest()].map(([browser, launchOptions]) => ({
              browser,
              provider: playwright({ launchOptions }),
            })),
          },
        },
      },
    ],
  },
})
