import { defineConfig } from '@playwright/test'
import { chromiumLaunchOptions } from '../scripts/browsers.ts'

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
  use: {
    browserName: 'chromium',
    launchOptions: chromiumLaunchOptions(),
    viewport: { width: 1200, height: 900 },
    screenshot: 'only-on-failure',
  },
})
