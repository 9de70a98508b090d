/** What the runs of one part of the suite come to: medians over the repetitions, with least and most. */
import { digits, showSpread, spreadOf, type Table } from '../../sdk/bench/report.ts'
import type { SubjectName } from './page/subject.ts'
import type { Phase } from './phase.ts'
import type { Rate, Run } from './run.ts'
import { votersAmong } from './stage.ts'

/** Runs of the same subject in the same tabs. */
interface Group {
  readonly subject: SubjectName
  readonly tabs: string
  readonly voters: number
  readonly runs: readonly Run[]
}

export function tablesOf(runs: readonly Run[]): Table[] {
  const groups = groupsOf(runs)
  return [formation(groups), idle(groups), latencies(groups), saturation(groups), goals(groups)].filter(
    ({ rows }) => rows.length > 0,
  )
}

function groupsOf(runs: readonly Run[]): Group[] {
  const groups = new Map<string, Group & { readonly runs: Run[] }>()
  for (const run of runs) {
    const count = run.tabs + (run.firefox ? 1 : 0)
    const tabs = run.firefox ? `${run.tabs} + Firefox` : `${run.tabs}`
    const key = `${tabs} ${run.maxVoters} ${run.subject}`
    const voters = votersAmong(Math.min(count, run.maxVoters))
    const group = groups.get(key) ?? { subject: run.subject, tabs, voters, runs: [] }
    group.runs.push(run)
    groups.set(key, group)
  }
  const place = ({ runs: [first] }: Group) => (first?.tabs ?? 0) + (first?.firefox ? 0.5 : 0)
  return [...groups.values()].toSorted((a, b) => place(a) - place(b))
}

function phasesOf({ runs }: Group, rate: Rate): Phase[] {
  return runs.flatMap(({ measured }) => measured.filter((each) => each.rate === rate).map(({ phase }) => phase))
}

const spread = (phases: readonly Phase[], of: (phase: Phase) => number) => cell(phases.map(of))
const cell = (values: readonly number[]) =>
  values.length === 1 ? digits(values[0] as number) : showSpread(spreadOf(values))
const isSection = ({ subject }: Group) => subject.startsWith('section')
const head = (group: Group) => [group.tabs, isSection(group) ? group.voters : '–', group.subject]
const headColumns = ['tabs', 'voters', 'subject']

function formation(groups: readonly Group[]): Table {
  const row = (group: Group) => [...head(group), cell(group.runs.map(({ formationMs }) => formationMs))]
  return {
    title: 'Formation: from the moment at which all tabs begin until each of them knows all others',
    columns: [...headColumns, 'ms'],
    rows: groups.map(row),
  }
}

function idle(groups: readonly Group[]): Table {
  const rows = groups.flatMap((group) => {
    const phases = phasesOf(group, 'idle')
    if (phases.length === 0) return []
    const count = tabsIn(group)
    return [
      [
        ...head(group),
        spread(phases, ({ eventsPerSecond }) => eventsPerSecond),
        spread(phases, ({ bytesPerSecond }) => bytesPerSecond / count),
        spread(phases, ({ tabsCpuShare }) => (100 * tabsCpuShare) / count),
        spread(phases, ({ cpuShare }) => (100 * cpuShare) / count),
      ],
    ]
  })
  const columns = [
    'events a second',
    'bytes a second and tab',
    'of a core per tab, %',
    'with the rest of the browser, %',
  ]
  return { title: 'Idle: nothing is submitted', columns: [...headColumns, ...columns], rows }
}

function latencies(groups: readonly Group[]): Table {
  const rates = new Set(groups.flatMap(({ runs }) => runs.flatMap(({ measured }) => measured.map(({ rate }) => rate))))
  const numbers = [...rates].filter((rate) => typeof rate === 'number').toSorted((a, b) => a - b)
  const rows = numbers.flatMap((rate) =>
    groups.flatMap((group) => {
      const phases = phasesOf(group, rate)
      if (phases.length === 0) return []
      return [[rate, ...head(group), spread(phases, slowestTab), ...latencyCells(group, phases), ...costCells(phases)]]
    }),
  )
  const columns = ['offered a second', ...headColumns, 'arrived a second', ...latencyColumns, ...costColumns]
  return { title: 'Payments at a rate, from all tabs together', columns, rows }
}

function saturation(groups: readonly Group[]): Table {
  const rows = groups.flatMap((group) => {
    const phases = phasesOf(group, 'saturation')
    if (phases.length === 0) return []
    return [[...head(group), spread(phases, slowestTab), ...latencyCells(group, phases), ...costCells(phases)]]
  })
  const columns = [...headColumns, 'a second, in every tab', ...latencyColumns, ...costColumns]
  return { title: 'Saturation: as many payments as settle', columns, rows }
}

type Goal = readonly [what: string, goal: string, phases: readonly Phase[], show: (phases: readonly Phase[]) => string]

/** What is asked of four tabs, beside what was measured in them. */
function goals(groups: readonly Group[]): Table {
  const rows = groups
    .filter((group) => group.subject === 'section' && tabsIn(group) === 4)
    .flatMap((group) => {
      const floor = groups.find(({ subject, tabs }) => subject === 'data channel' && tabs === group.tabs)
      const [one, most, none] = [phasesOf(group, 1), phasesOf(group, 'saturation'), phasesOf(group, 'idle')]
      const roundTrips = floor ? phasesOf(floor, 1).map(({ settlingMs }) => settlingMs.p50) : []
      const limit = roundTrips.length > 0 ? `${digits(8 * spreadOf(roundTrips).median + 40)} ms: ` : ''
      const p50 = (phases: readonly Phase[]) => spread(phases, ({ settlingMs }) => settlingMs.p50)
      const p99 = (phases: readonly Phase[]) => spread(phases, ({ settlingMs }) => settlingMs.p99)
      const events = (phases: readonly Phase[]) => spread(phases, ({ eventsPerSecond }) => eventsPerSecond)
      const cores = (phases: readonly Phase[]) => spread(phases, ({ tabsCpuShare }) => (100 * tabsCpuShare) / 4)
      const asked = [
        ['an isolated payment is final (p50)', `${limit}8 round trips + 40 ms`, one, p50],
        ['final a second in every tab', 'at least 10,000', most, (phases) => spread(phases, slowestTab)],
        ['p99 at saturation, ms', 'under 2,000', most, p99],
        ['events of idle tabs a second', 'none', none, events],
        ['of a core per idle tab, %', 'under 1', none, cores],
      ] as const satisfies readonly Goal[]
      return asked
        .filter(([, , phases]) => phases.length > 0)
        .map(([what, goal, phases, show]) => [group.tabs, what, goal, show(phases)])
    })
  return { title: 'Goals', columns: ['tabs', 'what', 'goal', 'measured'], rows }
}

const latencyColumns = ['p50, ms', 'p90, ms', 'p99, ms', 'at other tabs p50, ms', 'p99, ms']
const costColumns = ['CPU ms a payment', 'bytes a payment']

function latencyCells({ subject }: Group, phases: readonly Phase[]): string[] {
  const settling = (of: (quantiles: Phase['settlingMs']) => number) =>
    // There a payment settles when word has come back, and that goes around seldom.
    subject === 'y-webrtc' ? '–' : spread(phases, ({ settlingMs }) => of(settlingMs))
  return [
    settling(({ p50 }) => p50),
    settling(({ p90 }) => p90),
    settling(({ p99 }) => p99),
    spread(phases, ({ arrivingMs }) => arrivingMs.p50),
    spread(phases, ({ arrivingMs }) => arrivingMs.p99),
  ]
}

function costCells(phases: readonly Phase[]): string[] {
  return [spread(phases, ({ cpuMsPerPayment }) => cpuMsPerPayment), spread(phases, (phase) => phase.bytesPerPayment)]
}

function slowestTab({ deliveredPerSecond }: Phase): number {
  return Math.min(...deliveredPerSecond)
}

function tabsIn({ runs: [first] }: Group): number {
  return (first?.tabs ?? 0) + (first?.firefox ? 1 : 0)
}
