import { describe, expect, test } from 'vitest'
import type { InspectedEvent, Inspection } from '../index.ts'
import { createGraphModel } from './graph-model.ts'

const nothing = { version: 1, sectionId: '', reset: false, skipped: 0 } as const
const plain = { branch: 0, createdAtMs: 0, transactions: 0, votes: [], coin: false, attestedHeight: 0 } as const

function batch(...events: readonly InspectedEvent[]): Inspection {
  return { ...nothing, events, roles: [], elections: [], blocks: [] }
}

/** `A2`: creator A, number 2, after A1. */
function event(id: string, ...otherParents: string[]): InspectedEvent {
  const creator = id.slice(0, 1)
  const seq = Number.parseInt(id.slice(1), 10)
  const selfParent = seq === 0 ? null : `${creator}${seq - 1}`
  return { ...plain, id, creator, seq, selfParent, otherParents }
}

const role = { interesting: false, observees: null, agreements: null, stage: null, decides: false }

describe('the graph that is shown', () => {
  test('puts each event into its creator’s column, one row below its lowest parent', () => {
    const model = createGraphModel()
    model.apply(batch(event('A0'), event('B0', 'A0'), event('A1'), event('A2', 'B0'), event('B1', 'A1')))
    expect(model.columns).toEqual(['A', 'B'])
    const rows = [0, 1, 2, 3].map((row) => model.row(row).map(({ event: { id } }) => id))
    expect(rows).toEqual([['A0'], ['B0', 'A1'], ['A2', 'B1'], []])
  })

  test('takes in later what an event is, and which block orders it', () => {
    const model = createGraphModel()
    model.apply(batch({ ...event('A0'), transactions: 1 }))
    expect(model.find('A0')).toMatchObject({ kind: 'carrier', finalIn: null })
    model.apply({
      ...batch(),
      roles: [{ ...role, event: 'A0', election: 3, decides: true, interesting: true }],
      elections: [{ number: 3, voters: ['A'], outcome: 'block', height: 7 }],
      blocks: [{ height: 7, finalAtMs: 1, events: ['A0', 'unknown'] }],
    })
    expect(model.find('A0')).toMatchObject({ kind: 'decides', finalIn: 7 })
    expect(model.decidedAt(0)).toMatchObject([{ height: 7 }])
  })

  test('names the first row at which an election is decided, whichever is told first', () => {
    const model = createGraphModel()
    model.apply({
      ...batch(event('A0'), event('A1'), event('B0')),
      roles: ['A1', 'A0'].map((id) => ({ ...role, event: id, election: 0, decides: true })),
      elections: [{ number: 0, voters: ['A'], outcome: 'block', height: 1 }],
    })
    expect([model.decidedAt(0).length, model.decidedAt(1).length]).toEqual([1, 0])
  })

  test('marks both sides of a fork, and nothing else', () => {
    const model = createGraphModel()
    model.apply(batch(event('A0'), event('A1'), { ...event('A1'), id: 'A1 too', branch: 1 }, event('B0')))
    const forks = ['A0', 'A1', 'A1 too', 'B0'].filter((id) => model.find(id)?.isFork)
    expect(forks).toEqual(['A1', 'A1 too'])
  })

  test('keeps a window: what is older is forgotten with all that hung on it', () => {
    const model = createGraphModel(100)
    for (let number = 0; number < 1_000; number++) {
      model.apply({
        ...batch(event(`A${number}`)),
        roles: [{ ...role, event: `A${number}`, election: number, decides: true }],
        elections: [{ number, voters: ['A'], outcome: 'block', height: number + 1 }],
      })
    }
    expect(model.size).toBe(100)
    expect(model.rows).toEqual({ from: 900, to: 1_000 })
    expect([model.find('A899'), model.election(10), model.decidedAt(899)]).toEqual([undefined, undefined, []])
    expect(model.find('A900')?.selfParent).toMatchObject({ parents: [], selfParent: null })
    expect(model.decidedAt(900)).toMatchObject([{ height: 901 }])
  })

  test('begins anew with a batch that says so', () => {
    const model = createGraphModel()
    model.apply(batch(event('A0'), event('B0')))
    model.apply({ ...batch(event('C5')), reset: true, skipped: 12 })
    expect([model.columns, model.size, model.skipped]).toEqual([['C'], 1, 12])
  })
})
