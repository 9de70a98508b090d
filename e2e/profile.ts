/** A folder for a browser's profile, in one that goes with the test. */
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const tries = 20
const apartMs = 100

/** `parent` exists and is empty. */
export function createProfile(): { readonly parent: string; readonly remove: () => Promise<void> } {
  const parent = mkdtempSync(join(tmpdir(), 'parsec-web-profile-'))
  return {
    parent,
    async remove() {
      for (let i = 0; i < tries; i++) {
        try {
          return await rm(parent, { recursive: true, force: true })
        } catch {
          // A killed browser's helpers write for a little longer; should they go on, that is no matter of any test.
          await new Promise((resolve) => setTimeout(resolve, apartMs))
        }
      }
    },
  }
}
