/** Counts refusals and logs them without letting an attacker write the log: one summary a minute. Imports counters. */
import type { Logger } from 'pino'
import type { Counters } from './counters.ts'
import type { RefusalCode } from './refusals.ts'

export interface RefusalLog {
  add(code: RefusalCode, address: string): void
  stop(): void
}

const summaryMs = 60_000

/** Every single refusal is logged at level `debug` only; addresses only if asked for. */
export const createRefusalLog = (logger: Logger, counters: Counters, withAddresses: boolean): RefusalLog => {
  let recent: Partial<Record<RefusalCode, number>> = {}
  const summarize = (): void => {
    if (Object.keys(recent).length > 0) logger.warn({ refused: recent }, 'refused in the last minute')
    recent = {}
  }
  const timer = setInterval(summarize, summaryMs)
  return {
    add(code, address) {
      counters.refused[code]++
      recent[code] = (recent[code] ?? 0) + 1
      if (logger.isLevelEnabled('debug')) logger.debug(withAddresses ? { code, address } : { code }, 'refused')
    },
    stop() {
      clearInterval(timer)
      summarize()
    },
  }
}
