import { defineConfig } from '@playwright/test'
import { browsersUnderTest } from '../scripts/browsers.ts'

const browsers = browsersUnderTest()

/** Tests that open tabs of several browsers themselves. */
const mixed = '**/mixed*.spec.ts'

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  // Every test brings up to five tabs that work at the same time.
  workers: 1,
  retries: 0,
  forbidOnly: process.env['CI'] !== undefined,
  // What hangs ends; what is slow because the machine is does not fail.
  timeout: 150_000,
  expect: { timeout: 40_000 },
  reporter: [['list']],
  use: { viewport: { width: 1200, height: 900 }, screenshot: 'only-on-failure' },
  projects: [
    ...[...browsers].map(([browserName, launchOptions]) => ({
      name: browserName,
      testIgnore: mixed,
      // Chromium is tested in whole; the others where browsers may differ.
      ...(browserName === 'chromium' ? {} : { grep: /@every-browser/ }),
      use: { browserName, launchOptions },
    })),
    ...(browsers.has('chromium') && browsers.has('firefox')
      ? [
          {
            name: 'mixed',
            testMatch: mixed,
            use: { browserName: 'chromium' as const, launchOptions: browsers.get('chromium') ?? {} },
          },
        ]
      : []),
  ],
})
