/** What a test of an example stands on: the example, built against the SDK's sources and served, once per worker. */
import { test as base, expect, type Page, served } from './site.ts'

interface Each {
  /** Opens the example in another tab, in this test's room; what is given stands behind `#`. */
  readonly openExample: (hash?: string) => Promise<Page>
}

/** Tests of the example in `examples/<name>`. */
export function testOf(name: string) {
  return base.extend<Each, { readonly example: string }>({
    example: served(`examples/${name}/vite.config.ts`),
    openExample: async ({ openPage, example }, use) => {
      await use((hash = '') => openPage(example, { hash }))
    },
  })
}

export { expect, type Page }
