/** What happens to a section, in the log. Names no address, no password and nothing that was submitted. */
import type { Section, SectionStatus } from 'parsec-web'
import type { Logger } from 'pino'

/** What is worth a line at `info`; heights change with every block. */
function gistOf({ state, role, voters, needed, reachable, members, reason }: SectionStatus) {
  return { state, role, voters, needed, reachable, members: members.length, reason }
}

/** Logs until the section is closed. Refusals are summed up in the log at `debug` only: anybody can cause them. */
export function logSection(section: Section, logger: Logger): void {
  let before = ''
  const logStatus = (status: SectionStatus) => {
    const gist = gistOf(status)
    const text = JSON.stringify(gist)
    if (text === before) return
    before = text
    const level = status.state === 'ready' || status.state === 'left' ? 'info' : 'warn'
    logger[level]({ ...gist, height: status.height }, 'the section changed')
  }
  section.on('status', logStatus)
  section.on('block', ({ height, hash, transactions }) => {
    logger.debug({ height, hash, transactions: transactions.length }, 'a block is final')
  })
  section.on('rejection', ({ reason, peer }) => logger.debug({ reason, from: peer }, 'refused what a peer sent'))
  section.on('malice', (malice) => logger.warn({ kind: malice.kind, accused: malice.accused }, 'malice was proved'))
  section.on('conflict', (other) => logger.warn({ other }, 'another section with a history is in this room'))
  section.on('alarm', (reason) => logger.error({ reason }, 'the section stopped for good'))
  logStatus(section.status)
}
