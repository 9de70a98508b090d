/** Which version of the package this is. */
import { createRequire } from 'node:module'

export function packageVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('parsec-web/package.json')
  return String((manifest as { version: unknown }).version)
}
