/**
 * `npm run bench -- browser`: sections in real tabs.
 *
 * One load by itself, to look at or to profile:
 * `npm run bench -- browser --tabs 4 --rates saturation --seconds 20`; `--rates 100` for 100 payments a second, `--subjects 'section on the
 * page'` for a section without a worker. Prints per tab what became final a second, and how long it took.
 */
import { parseArgs } from 'node:util'
import { begin, digits } from '../../sdk/bench/report.ts'
import type { SubjectName } from './page/subject.ts'
import { type Phase, runPhase } from './phase.ts'
import { openSite, openStage } from './stage.ts'

const { values } = parseArgs({
  options: {
    tabs: { type: 'string', default: '4' },
    rates: { type: 'string', default: '1,100,1000,saturation' },
    subjects: { type: 'string', default: 'section' },
    seconds: { type: 'string', default: '10' },
    outstanding: { type: 'string', default: '8000' },
    seed: { type: 'string', default: '1' },
  },
})
begin('browser', values)
const list = (text: string) => text.split(',')
const site = await openSite()
try {
  for (const tabs of list(values.tabs).map(Number)) {
    for (const subject of list(values.subjects) as SubjectName[]) {
      const stage = await openStage(site, { subject, tabs, maxVoters: 13 })
      console.log(`${subject}, ${tabs} tabs, formed in ${digits(stage.formationMs)} ms`)
      for (const rate of list(values.rates)) {
        const perSecond = rate === 'saturation' ? null : Number(rate)
        const numbers = {
          seconds: Number(values.seconds),
          outstanding: Number(values.outstanding),
          seed: Number(values.seed),
        }
        show(await runPhase(stage, { perSecond, warmUpSeconds: 2, ...numbers }))
      }
      await stage.close()
    }
  }
} finally {
  await site.close()
}

function show(phase: Phase): void {
  const { p50, p90, p99 } = phase.settlingMs
  console.log(
    `${phase.perSecond ?? 'saturation'}: final a second ${phase.deliveredPerSecond.map(digits).join(' ')}; ` +
      `p50 ${digits(p50)} p90 ${digits(p90)} p99 ${digits(p99)} ms; ${digits(phase.cpuMsPerPayment)} ms CPU and ` +
      `${digits(phase.bytesPerPayment)} bytes a payment; ${digits(phase.cpuShare)} cores; ` +
      `${digits(phase.eventsPerSecond ?? Number.NaN)} events and ${digits(phase.blocksPerSecond ?? Number.NaN)} blocks a second`,
  )
}
