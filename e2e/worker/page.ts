/** A page with a section and nothing else, so that whatever the page does is the library's doing. */
import { joinSection, type Section } from 'parsec-web'

export interface SectionPage {
  readonly section: Promise<Section>
  /** Submits at this rate for this long; resolves with when the last one was final, in milliseconds from the start. */
  submit(perSecond: number, seconds: number): Promise<number>
}

const everyMs = 10

async function submit(section: Section, perSecond: number, seconds: number): Promise<number> {
  const startedMs = performance.now()
  const total = perSecond * seconds
  let sent = 0
  let last: Promise<unknown> = Promise.resolve()
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(total, Math.floor(((performance.now() - startedMs) / 1000) * perSecond))
      // A page that was held up catches up in steps: what it does at once is not the library's choice.
      for (let i = 0; i < 50 && sent < due; i++) last = section.submit({ number: sent++ }).final
      if (sent < total) return
      clearInterval(timer)
      resolve()
    }, everyMs)
  })
  await last
  return performance.now() - startedMs
}

const read = new URLSearchParams(location.search)
const section = joinSection({
  room: read.get('room') ?? '',
  signaling: read.getAll('signaling'),
  worker: true,
  maxVoters: 4,
})
const page: SectionPage = { section, submit: async (perSecond, seconds) => submit(await section, perSecond, seconds) }
Object.assign(window, { page })
