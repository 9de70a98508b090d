/** One tab. The benchmark drives it by `globalThis.tab`. */
import { type Counted, createLoad, type LoadTerms } from './load.ts'
import { sectionOn } from './section.ts'
import type { Facts, OpenSubject, Subject, SubjectName, Terms } from './subject.ts'
import { watchWire } from './wire.ts'

declare global {
  var tab: Tab
}

export interface Tab {
  open(name: SubjectName, terms: Terms): Promise<void>
  formed(tabs: number, voters: number): Promise<void>
  start(terms: LoadTerms): void
  /** Resolves once nothing is under way. */
  stop(): Promise<void>
  restart(): void
  counted(): Counted
  facts(): Facts
  /** Sent over WebRTC so far. */
  sentBytes(): Promise<number>
}

const subjects: Record<SubjectName, OpenSubject> = {
  section: sectionOn('worker'),
  'section on the page': sectionOn('page'),
}

globalThis.tab = createTab(watchWire())

function createTab(sentBytes: () => Promise<number>): Tab {
  let subject: Subject | null = null
  let load = createLoad(0)
  const opened = () => {
    if (subject === null) throw new Error('nothing is open in this tab')
    return subject
  }
  return {
    async open(name, terms) {
      load = createLoad(terms.tab)
      subject = await subjects[name](terms, load.delivered)
    },
    formed: (tabs, voters) => opened().formed(tabs, voters),
    start: (terms) => load.start(opened(), terms),
    stop: () => load.stop(),
    restart: () => load.restart(),
    counted: () => load.counted(),
    facts: () => opened().facts(),
    sentBytes,
  }
}
