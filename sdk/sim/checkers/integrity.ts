/** A transaction is final at most once, exactly as its author signed it, and never after one that descends from it. */
import type { EventId, GossipEvent } from '../../src/core/gossip/event.ts'
import type { Registry } from '../registry.ts'
import { transactionKey } from '../workload.ts'
import type { CreateChecker } from './checker.ts'

export const integrity: CreateChecker = (world) => {
  const finalEvents = new Set<EventId>()
  const finalTransactions = new Set<string>()
  return {
    onFirstBlock(block) {
      for (const item of block.items) {
        const event = world.registry.get(item.event)
        const where = `height ${block.height}, event ${item.event.slice(0, 8)}`
        if (event === undefined || event.creator !== item.creator) {
          world.fail('integrity', `${where}: nobody signed it so`)
          continue
        }
        if (finalEvents.has(item.event)) world.fail('integrity', `${where}: final twice`)
        finalEvents.add(item.event)
        if (!sameBytes(event.body.transactions, item.transactions)) world.fail('integrity', `${where}: not as signed`)
        if (!world.isCorrectPeer(event.creator)) continue
        for (const bytes of item.transactions) {
          const key = transactionKey(bytes)
          if (finalTransactions.has(key)) world.fail('integrity', `${where}: “${key}” is final twice`)
          finalTransactions.add(key)
        }
      }
    },
  }
}

export const causalOrder: CreateChecker = (world) => {
  // Ancestors of what is final already: none of them may become final from now on.
  const passed = new Set<EventId>()
  return {
    onFirstBlock(block) {
      for (const item of block.items) {
        const event = world.registry.get(item.event)
        if (event === undefined) continue
        if (passed.has(item.event)) {
          const where = `height ${block.height}: event ${item.event.slice(0, 8)} of ${world.nameOf(item.creator)}`
          world.fail('causal order', `${where} comes after one that descends from it`)
        }
        passAncestors(world.registry, event, passed)
      }
    },
  }
}

function passAncestors(registry: Registry, event: GossipEvent, passed: Set<EventId>): void {
  const open = [event]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const parents = next.selfParent === null ? next.otherParents : [next.selfParent, ...next.otherParents]
    for (const id of parents) {
      if (passed.has(id)) continue
      passed.add(id)
      const parent = registry.get(id)
      if (parent !== undefined) open.push(parent)
    }
  }
}

const sameBytes = (a: readonly Uint8Array[], b: readonly Uint8Array[]) =>
  a.length === b.length && a.every((bytes, index) => Buffer.compare(bytes, b[index] as Uint8Array) === 0)
