/** A section, as an application opens one: in a worker, everything kept in IndexedDB. */
import { joinSection, type SectionStatus } from 'parsec-web'
import type { OpenSubject, Payment } from './subject.ts'

export function sectionOn(thread: 'worker' | 'page'): OpenSubject {
  return async ({ room, server, maxVoters }, delivered) => {
    const section = await joinSection({
      room,
      signaling: [server],
      iceServers: [],
      worker: thread === 'worker',
      maxVoters,
    })
    const { worker, reason } = section.diagnostics().thread
    if (thread === 'worker' && !worker) throw new Error(`the section runs on the page: ${reason}`)
    section.on('block', ({ transactions }) => {
      for (const { value } of transactions) delivered(value as Payment)
    })
    const isFormed = (tabs: number, voters: number, now: SectionStatus) =>
      now.state === 'ready' && now.members.length === tabs && now.voters === voters && now.reachable === voters
    return {
      formed: (tabs, voters) =>
        new Promise((resolve) => {
          const look = () => {
            if (!isFormed(tabs, voters, section.status)) return
            stop()
            resolve()
          }
          const stop = section.on('status', look)
          look()
        }),
      submit(payment, settled) {
        // What the section does not take is not settled, and shows as such.
        section.submit(payment).final.then(settled, (error: unknown) => console.error(error))
      },
      facts: () => ({ events: section.diagnostics().events, height: section.status.height }),
    }
  }
}
