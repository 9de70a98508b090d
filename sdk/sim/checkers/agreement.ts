/** Agreement at every height, and a chain of blocks whose hashes, heights, times and links hold. */
import type { Block } from '../../src/core/section/block.ts'
import type { Host } from '../process/host-port.ts'
import type { CreateChecker } from './checker.ts'

export const agreement: CreateChecker = (world) => ({
  onBlock(host, block) {
    const first = world.ledger[block.height - 1]
    if (first === undefined || first.hash === block.hash) return
    const texts = [first, block].map((one) => JSON.stringify(summary(one)))
    world.fail('agreement', `height ${block.height}: ${texts[0]}, but at ${world.nameOf(host.identity())} ${texts[1]}`)
  },
})

const summary = (block: Block) => ({
  hash: block.hash.slice(0, 8),
  previous: block.previous.slice(0, 8),
  timeMs: block.timeMs,
  voters: block.voters.length,
  items: block.items.map((item) => item.event.slice(0, 8)),
  observations: block.observations.map((observation) => observation.kind),
})

export const chain: CreateChecker = (world) => {
  const last = new Map<Host, Block>()
  return {
    onStarted: (host) => last.delete(host),
    onBlock(host, block) {
      const below = last.get(host)
      last.set(host, block)
      const name = world.nameOf(host.identity())
      const height = (below?.height ?? 0) + 1
      if (block.height !== height) world.fail('chain', `${name} reported height ${block.height} after ${height - 1}`)
      if (block.previous !== (below?.hash ?? world.sectionId))
        world.fail('chain', `${name}: height ${block.height} is not linked`)
      if (below !== undefined && block.timeMs <= below.timeMs)
        world.fail('chain', `${name}: time stands still at height ${block.height}`)
      if (block.items.length === 0 && block.observations.length === 0)
        world.fail('chain', `${name}: height ${block.height} is empty`)
      const { hash, ...content } = block
      if (world.hashing.block(content) !== hash) world.fail('chain', `${name}: wrong hash at height ${block.height}`)
      if (host.core().block(block.height)?.hash !== hash)
        world.fail('chain', `${name}: block(${block.height}) differs from the one reported`)
    },
  }
}
