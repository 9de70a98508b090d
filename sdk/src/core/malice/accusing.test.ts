import { describe, expect, test } from 'vitest'
import {
  createCoreNetwork,
  createTestCore,
  deliver,
  drawHonest,
  printObservations,
  reshape,
} from '../../../test/cores.ts'
import { nameEvents, peerId, peerName } from '../../../test/notation.ts'
import type { GossipEvent } from '../gossip/event.ts'
import type { Input, Output } from '../io.ts'

const transactions = [new Uint8Array([1])]

/** A, a correct voter among A, B, C and D, and what it says when it gets the events of a graph. */
function correctVoter(text: string, founders = 'ABCD') {
  const graph = drawHonest(text, founders)
  const core = createTestCore('A', founders)
  let nowMs = 0
  const drafts: GossipEvent[] = []
  const put = (stimulus: (nowMs: number) => Input | Output) => {
    nowMs += 100
    const answer = stimulus(nowMs)
    const output = 'kind' in answer ? core.step(answer) : answer
    drafts.push(...output.drafts)
    expect(output.rejections).toEqual([])
  }
  return {
    core,
    receive: (...names: string[]) => put((at) => deliver(core, names.map(graph.event), 'X', at)),
    submit: () => put((at) => ({ kind: 'submit', nowMs: at, transactions })),
    wait: () => put((at) => ({ kind: 'timer', nowMs: at })),
    /** `A_1: accuse:D/fork/D_0,0/D_0,1`, one line per event. */
    said: () => {
      const names = new Map([...nameEvents(drafts), ...graph.nameOf])
      return drafts.map(({ seq, body }) => `A_${seq}: ${printObservations(body, names)}`.trim())
    },
  }
}

const fork = 'B: B_0(D_0,0)\nC: C_0(D_0,1)  C_1\nD: D_0,0  D_1,0\nD: D_0,1'

describe('a correct voter', () => {
  test('accuses in the very event that first descends from the evidence', () => {
    const voter = correctVoter(fork)
    voter.receive('D_0,0', 'B_0')
    voter.submit()
    voter.receive('D_0,1', 'C_0')
    expect(voter.said()).toEqual(['A_0:', 'A_1: accuse:D/fork/D_0,1/D_0,0'])
  })

  test('accuses malice found while idle: that is something to submit', () => {
    const voter = correctVoter(fork)
    voter.receive('D_0,0', 'D_0,1', 'B_0', 'C_0')
    expect(voter.said()).toEqual(['A_0: accuse:D/fork/D_0,1/D_0,0'])
  })

  test('merges both sides one after the other where nobody else has: no event names two parents by one creator', () => {
    const voter = correctVoter(fork)
    voter.receive('D_0,0', 'D_0,1')
    voter.wait()
    expect(voter.said()).toEqual(['A_0:', 'A_1: accuse:D/fork/D_0,1/D_0,0'])
  })

  test('accuses once', () => {
    const voter = correctVoter(fork)
    voter.receive('D_0,0', 'D_0,1', 'B_0', 'C_0')
    voter.receive('D_1,0', 'C_1')
    voter.submit()
    voter.wait()
    expect(voter.said().filter((line) => line.includes('accuse'))).toHaveLength(1)
  })

  test.each([
    ['duplicateVote', 'D: D_0[vote:x]  D_1[vote:x]', 'D_1'],
    ['staleOtherParent', 'B: B_0\nD: D_0(B_0)  D_1(B_0)', 'D_1'],
    ['invalidOtherParent', 'D: D_0  D_1(D_0)', 'D_1'],
    ['invalidAccusation', 'D: D_0[accuse:B/fork]', 'D_0'],
    ['accomplice', 'B: B_0[vote:x vote:x]\nD: D_0(B_0)', 'D_0'],
  ])('accuses %s by the event that proves it', (kind, text, event) => {
    const voter = correctVoter(text)
    voter.receive(...[...drawHonest(text, 'ABCD').nameOf.values()])
    voter.wait()
    expect(voter.said().join(' ')).toContain(`accuse:D/${kind}/${event}`)
  })

  test('accuses a false attestation', () => {
    const lie = { height: 7, blockHash: 'f'.repeat(64) }
    const { events } = drawHonest('D: D_0', 'ABCD', { D_0: lie })
    const { drafts } = deliver(createTestCore('A', 'ABCD'), events)
    expect(drafts[0]?.body.observations).toMatchObject([{ kind: 'accusation', malice: 'falseAttestation' }])
  })

  test('accuses each of several', () => {
    const text = 'C: C_0[vote:x vote:x]\nD: D_0[vote:x vote:x]'
    const voter = correctVoter(text)
    voter.receive('C_0', 'D_0')
    expect(voter.said()).toEqual(['A_0: accuse:C/duplicateVote/C_0 accuse:D/duplicateVote/D_0'])
  })

  test('accuses its accomplices too, but not those who did not accuse an accomplice', () => {
    const voter = correctVoter('B: B_0[vote:x vote:x]\nC: C_0(D_0)[accuse:B/duplicateVote/B_0]\nD: D_0(B_0)')
    voter.receive('B_0', 'D_0', 'C_0')
    expect(voter.said()).toEqual(['A_0: accuse:B/duplicateVote/B_0 accuse:D/accomplice/D_0'])
  })

  test('is silent about itself: a restored self that is guilty says nothing', () => {
    const guilty = drawHonest('A: A_0[vote:x vote:x]', 'ABCD')
    const core = createTestCore('A', 'ABCD')
    core.step({ kind: 'restore', nowMs: 0, events: guilty.events })
    expect(core.step({ kind: 'submit', nowMs: 1, transactions }).drafts[0]?.body.observations).toEqual([])
  })
})

describe('expulsion', () => {
  /** Three correct voters; D shows each of them another branch of its first event. */
  function afterExpulsion(branches = 'D: D_0,0\nD: D_0,1\nD: D_0,2') {
    const graph = drawHonest(branches, 'ABCD')
    const network = createCoreNetwork('ABCD')
    for (const name of 'ABC') network.start(name)
    network.connect('ABC')
    const shown = graph.events.map((event) => [event])
    for (const [i, name] of [...'ABC'].entries()) {
      const events = shown[i % shown.length] ?? []
      network.put(name, { kind: 'message', from: peerId('D'), message: { kind: 'events', events, more: false } })
    }
    network.put('A', { kind: 'submit', transactions })
    network.run(2_000)
    return { network, graph }
  }

  test('accusations with different evidence pool: the accused is expelled once, by all', () => {
    const { network } = afterExpulsion()
    const evidence = new Set(
      [...'ABC'].flatMap((name) =>
        network.created(name).flatMap(({ body }) => body.observations.map((o) => JSON.stringify(o))),
      ),
    )
    expect(evidence.size).toBeGreaterThan(1)
    for (const name of 'ABC') {
      expect(
        network
          .blocks(name)
          .map((block) => printObservations(block))
          .filter(Boolean),
      ).toEqual(['expel:D'])
      expect(
        network
          .core(name)
          .status()
          .members.map(({ peer }) => peerName(peer)),
      ).toEqual(['A', 'B', 'C'])
      expect(network.core(name).status().needed).toBe(3)
    }
  })

  test('no correct peer is accused', () => {
    const { network } = afterExpulsion()
    expect(new Set(network.faults.map((fault) => fault.slice(2)))).toEqual(new Set(['proves fork D']))
  })

  test('while an election is open, that election and all that follow come to an end', () => {
    const { network } = afterExpulsion()
    network.put('C', { kind: 'submit', transactions })
    network.run(2_000)
    const blocks = network.blocks('A')
    expect(blocks.flatMap(({ items }) => items.map(({ creator }) => peerName(creator)))).toEqual(['A', 'C'])
    expect(blocks.at(-1)?.voters.map(peerName)).toEqual(['A', 'B', 'C'])
    for (const name of 'BC') expect(network.blocks(name)).toEqual(blocks)
  })

  test('the expelled is never added again, though all voters would', () => {
    const { network } = afterExpulsion()
    for (const name of 'ABC') network.put(name, { kind: 'admit', peer: peerId('D') })
    network.run(2_000)
    const changes = network.blocks('A').map((block) => printObservations(block))
    expect(changes.filter(Boolean)).toEqual(['expel:D'])
  })

  test('events of the expelled that know of it are refused, those that do not are news', () => {
    const { network, graph } = afterExpulsion()
    const theirs = network.created('A').at(-1) as GossipEvent
    const branch = graph.event('D_0,0')
    const next = (otherParents: readonly string[]) => reshape(branch, { seq: 1, selfParent: branch.id, otherParents })
    const message = (event: GossipEvent) =>
      ({ kind: 'message', from: peerId('X'), message: { kind: 'events', events: [event], more: false } }) as const
    const before = network.faults.length
    network.put('B', message(next([])))
    expect(network.faults.slice(before)).toEqual([])
    network.put('B', message(next([theirs.id])))
    expect(network.faults.slice(before)).toEqual(['B refuses X: removed'])
  })

  test('the last voter cannot be expelled by itself', () => {
    const graph = drawHonest('A: A_0[vote:x vote:x]  A_1[accuse:A/duplicateVote/A_0]  A_2', 'A')
    const core = createTestCore('Z', 'A')
    deliver(core, graph.events)
    expect(core.status().members.map(({ peer }) => peerName(peer))).toEqual(['A'])
  })
})
