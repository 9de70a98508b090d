/** What is looked for in the history, and how much of it is shown. */
import type { PeerId, Section } from 'parsec-web'
import { searchArchive } from './archive.ts'
import { everything, type Found, type Query } from './history.ts'

const rowsAtOnce = 30
/** Of a search of all blocks. */
const foundMost = 300

export interface Finder {
  readonly query: Query
  /** Most rows that are shown. */
  readonly shown: number
  readonly archive: Found | 'searching' | null
  search(part: Partial<Query>): void
  searchAll(): Promise<void>
  showMore(): void
}

export function createFinder(
  section: () => Section | null,
  nameOf: (peer: PeerId) => string,
  changed: () => void,
): Finder {
  let query = everything
  let shown = rowsAtOnce
  let archive: Finder['archive'] = null
  return {
    get query() {
      return query
    },
    get shown() {
      return shown
    },
    get archive() {
      return archive
    },
    search(part) {
      const next = { ...query, ...part }
      const isEmpty = next.text === '' && next.peer === null && next.state === 'any'
      query = isEmpty ? everything : next
      shown = rowsAtOnce
      archive = null
      changed()
    },
    async searchAll() {
      const live = section()
      if (!live) return
      const asked = query
      archive = 'searching'
      changed()
      const isWanted = () => query === asked && archive === 'searching'
      const found = await searchArchive(live, asked, nameOf, foundMost, isWanted)
      if (!found || !isWanted()) return
      archive = found
      changed()
    },
    showMore() {
      shown += rowsAtOnce
      changed()
    },
  }
}
