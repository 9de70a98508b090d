/** One tab. The benchmark drives it by `globalThis.tab`. */

import type { Costs } from '../../../sdk/bench/store-work.ts'
import { type Counted, createLoad, type LoadTerms } from './load.ts'
import type { HistoryPlace, StoreName } from './store.ts'
import type { Facts, OpenSubject, Subject, SubjectName, Terms } from './subject.ts'
import { watchWire } from './wire.ts'

declare global {
  var tab: Tab
}

export interface Tab {
  open(name: SubjectName, terms: Terms): Promise<void>
  formed(tabs: number, voters: number): Promise<void>
  start(terms: LoadTerms): void
  /** Resolves once nothing is under way, or after so long, with how many payments have not settled. */
  stop(patienceMs: number): Promise<number>
  restart(): void
  counted(): Counted
  facts(): Facts
  /** Instead of all that: what the works of a store take, in milliseconds. */
  store(name: StoreName, history: HistoryPlace): Promise<Costs<number>>
  /** Sent over WebRTC so far. */
  sentBytes(): Promise<number>
}

/** Loaded when they are opened: what is not measured is not there. */
const subjects: Record<SubjectName, () => Promise<OpenSubject>> = {
  section: async () => (await import('./section.ts')).sectionOn('worker'),
  'section on the page': async () => (await import('./section.ts')).sectionOn('page'),
  sequencer: async () => (await import('./sequencer.ts')).openSequencer,
  'y-webrtc': async () => (await import('./y-webrtc.ts')).openYWebrtc,
  'data channel': async () => (await import('./data-channel.ts')).openDataChannel,
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
      const open = await subjects[name]()
      subject = await open(terms, load.delivered)
    },
    formed: (tabs, voters) => opened().formed(tabs, voters),
    start: (terms) => load.start(opened(), terms),
    stop: (patienceMs) => load.stop(patienceMs),
    restart: () => load.restart(),
    counted: () => load.counted(),
    facts: () => opened().facts(),
    store: async (name, history) => (await import('./store.ts')).runStore(name, history),
    sentBytes,
  }
}
