/** The panel with the final blocks, the last ones first, and their certificates. */
import type { FinalBlock } from '../index.ts'
import { element, table } from './dom.ts'
import { clock, count } from './kinds.ts'
import type { Panel, Scene } from './panel.ts'

const BLOCKS_MAX = 50
/** Certificates that were looked at and are remembered. */
const CERTIFICATES_MAX = 100

export function createBlockPanel(): Panel {
  const root = element('div', { class: 'scroll' })
  const looked = new Map<string, string>()
  let last = ''

  function refresh(scene: Scene): void {
    const { section } = scene
    const { height, certifiedHeight } = section.status
    // A button that was just replaced could not be pressed.
    const now = `${section.id} ${height} ${certifiedHeight} ${looked.size}`
    if (now === last) return
    last = now
    const blocks: FinalBlock[] = []
    for (let each = height; each > Math.max(0, height - BLOCKS_MAX); each--) {
      const block = section.block(each)
      if (block) blocks.push(block)
    }
    const rows = blocks.map((block) => [
      String(block.height),
      clock(block.timeMs),
      String(block.transactions.length),
      changes(block, scene),
      count(block.voters.length, 'voter'),
      certificate(block, scene),
      element('code', { title: block.hash }, block.hash.slice(0, 12)),
    ])
    root.replaceChildren(
      blocks.length === 0
        ? element('p', { class: 'quiet' }, 'No block is final yet.')
        : table('Final blocks', ['Block', 'Agreed time', 'Tx', 'Changes', 'Decided by', 'Certificate', 'Hash'], rows),
    )
  }

  function certificate(block: FinalBlock, scene: Scene): Node | string {
    const { section } = scene
    if (block.height > section.status.certifiedHeight) return 'not yet'
    const known = looked.get(block.hash)
    if (known !== undefined) return known
    const label = `Show the certificate of block ${block.height}`
    return element(
      'button',
      { type: 'button', 'aria-label': label, onclick: () => void look(block, scene) },
      'certified',
    )
  }

  async function look(block: FinalBlock, scene: Scene): Promise<void> {
    const found = await scene.section.certificate(block.height).catch(() => null)
    if (looked.size >= CERTIFICATES_MAX) looked.clear()
    const above = found ? found.headers.length - 1 : 0
    looked.set(
      block.hash,
      found
        ? `${found.attestations.length} of ${block.voters.length} signed${above > 0 ? `, up to block ${block.height + above}` : ''}`
        : 'not to be had',
    )
    refresh(scene)
  }

  return { root, refresh }
}

function changes({ changes: made }: FinalBlock, { nameOf }: Scene): string {
  return made
    .map((change) =>
      change.kind === 'voters'
        ? [
            ...change.promote.map((peer) => `▲ ${nameOf(peer)}`),
            ...change.demote.map((peer) => `▼ ${nameOf(peer)}`),
          ].join(' ')
        : `${change.kind} ${nameOf(change.peer)}`,
    )
    .join(', ')
}
