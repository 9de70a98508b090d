/**
 * `npm run bench -- browser`: sections in real tabs, beside what one would take instead, on the same pages. `--help` tells the options.
 * Runs of all subjects take turns, each in fresh browsers.
 *
 * One load by itself, to look at: `npm run bench -- browser --parts tabs --tabs 4 --subjects section --rates saturation
 * --repetitions 1 --seconds 20`. With `--profile DIR` the first tab's page and worker are profiled meanwhile.
 */
import { parseArgs } from 'node:util'
import { findFirefox } from '../../scripts/browsers.ts'
import { begin, conclude, digits } from '../../sdk/bench/report.ts'
import type { SubjectName } from './page/subject.ts'
import { type Loads, type Measured, type Rate, type Run, runSubject } from './run.ts'
import { soak } from './soak.ts'
import { openSite, type Site, type StageOptions } from './stage.ts'
import { benchStoreInBrowser } from './store.ts'
import { tablesOf } from './tables.ts'

const usage = `npm run bench -- browser [options]

  --parts LIST                 all of: tabs, in Chromium alone; mixed, three in Chromium and one in Firefox, where there is one;
                               members, a section of four voters with more members beside them; store, append, restart
                               and catch-up in Chromium
  --tabs 2,4,8                 in the part of this name
  --members 2,7,13             beside the four voters
  --events 1000,10000,100000   in the store
  --subjects LIST              of section, sequencer, y-webrtc, data channel, section on the page (the first four)
  --rates LIST                 of idle, saturation, and payments a second (idle,1,100,1000,saturation); idle only for sections
  --seconds N                  of each load; twice as long where little happens (10)
  --outstanding N              the most payments under way at a time, by all tabs together (8000)
  --repetitions N              how often all of it is run (3)
  --seed N                     of the times of payments (1)
  --quick                      all of it once, small, for two seconds each: shows that it works, in two to three minutes
  --soak MINUTES               instead of all that: saturation for so long in four tabs, with memory, rate and latency by the minute
  --profile DIR                writes CPU profiles of the first tab's page and worker, one of each per load`

const { values } = parseArgs({
  options: {
    parts: { type: 'string' },
    tabs: { type: 'string' },
    members: { type: 'string' },
    events: { type: 'string' },
    subjects: { type: 'string', default: 'section,sequencer,y-webrtc,data channel' },
    rates: { type: 'string' },
    seconds: { type: 'string' },
    outstanding: { type: 'string', default: '8000' },
    repetitions: { type: 'string' },
    seed: { type: 'string', default: '1' },
    quick: { type: 'boolean', default: false },
    soak: { type: 'string' },
    profile: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

interface Part {
  readonly name: string
  readonly stages: readonly StageOptions[]
  readonly rates: readonly Rate[]
}

const maxVoters = 13
const votersBesideMembers = 4
const list = (text: string) => text.split(',').map((word) => word.trim())
const subjects = list(values.subjects) as SubjectName[]
const rates = list(values.rates ?? (values.quick ? 'idle,1,100,saturation' : 'idle,1,100,1000,saturation')).map(
  (word): Rate => (word === 'idle' || word === 'saturation' ? word : Number(word)),
)
const loads = {
  seconds: Number(values.seconds ?? (values.quick ? 2 : 10)),
  outstanding: Number(values.outstanding),
  seed: Number(values.seed),
}
const events = list(values.events ?? (values.quick ? '1000' : '1000,10000,100000')).map(Number)
const repetitions = Number(values.repetitions ?? (values.quick ? 1 : 3))

if (values.help) console.log(usage)
else await main()

async function main(): Promise<void> {
  const site = await openSite(values.profile !== undefined)
  try {
    if (values.soak !== undefined) {
      const { outstanding, seed } = loads
      return await soak(site, { outstanding, seed, tabs: Number(values.tabs ?? 4), minutes: Number(values.soak) })
    }
    for (const name of list(values.parts ?? 'tabs,mixed,members,store')) {
      const part = partOf(name)
      if (part === 'store') await benchStoreInBrowser(site, { sizes: events, repetitions, seed: loads.seed })
      else if (part) await runPart(site, part)
    }
  } finally {
    await site.close()
  }
}

function partOf(name: string): Part | 'store' | null {
  if (name === 'store') return name
  if (name === 'tabs') {
    const counts = list(values.tabs ?? (values.quick ? '4' : '2,4,8')).map(Number)
    return { name, rates, stages: counts.flatMap((tabs) => subjects.map((subject) => ({ subject, tabs, maxVoters }))) }
  }
  if (name === 'mixed') {
    const firefox = findFirefox()
    if (firefox === null) {
      console.log('mixed: no Firefox was found, nothing to run; FIREFOX_PATH says where one is')
      return null
    }
    const chosen = values.quick ? subjects.slice(0, 1) : subjects
    return { name, rates, stages: chosen.map((subject) => ({ subject, tabs: 3, firefox, maxVoters })) }
  }
  if (name === 'members') {
    const stages = list(values.members ?? (values.quick ? '2' : '2,7,13')).map((members) => ({
      subject: 'section' as const,
      tabs: votersBesideMembers + Number(members),
      maxVoters: votersBesideMembers,
    }))
    return { name, rates, stages }
  }
  throw new Error(`no such part: ${name}`)
}

async function runPart(site: Site, { name, stages, rates }: Part): Promise<void> {
  const head = begin(`browser-${name}`, { ...loads, rates, repetitions })
  const runs: Run[] = []
  const failures: (StageOptions & { readonly repetition: number; readonly error: string })[] = []
  for (let repetition = 1; repetition <= repetitions; repetition++) {
    // Each goes first in turn.
    const first = repetition % stages.length
    for (const stage of [...stages.slice(first), ...stages.slice(0, first)]) {
      const text = `${repetition}  ${stage.subject}, ${stage.tabs}${stage.firefox ? ' + Firefox' : ''} tabs`
      const ofStage: Loads = {
        ...loads,
        profiles: values.profile ?? null,
        rates: rates.filter((rate) => rate !== 'idle' || stage.subject.startsWith('section')),
      }
      try {
        const told = (measured: Measured) => console.log(`${text}: ${line(measured)}`)
        runs.push(await runSubject(site, stage, repetition, ofStage, told))
      } catch (error) {
        // The others are worth their time all the same.
        console.error(`${text}: ${String(error)}`)
        failures.push({ ...stage, repetition, error: String(error) })
      }
    }
  }
  const browsers = [...new Set(runs.flatMap((run) => run.browsers))]
  conclude({ ...head, settings: { ...head.settings, browsers } }, tablesOf(runs), { runs, failures })
}

function line({ rate, phase }: Measured): string {
  const { p50, p90, p99 } = phase.settlingMs
  return (
    `${rate}: a second ${phase.deliveredPerSecond.map(digits).join(' ')}; p50 ${digits(p50)} p90 ${digits(p90)} ` +
    `p99 ${digits(p99)} ms; other tabs p50 ${digits(phase.arrivingMs.p50)}; ${digits(phase.cpuMsPerPayment)} ms CPU and ` +
    `${digits(phase.bytesPerPayment)} bytes a payment; ${digits(phase.cpuShare)} cores; ` +
    `${digits(phase.eventsPerSecond)} events, ${digits(phase.blocksPerSecond)} blocks a second`
  )
}
