/** Blocks for tests of what the demo makes of them. */
import type { FinalBlock, PeerId } from 'parsec-web'

export interface BlockContent {
  readonly voters?: readonly PeerId[]
  readonly changes?: FinalBlock['changes']
  readonly values?: readonly (readonly [PeerId, unknown])[]
}

/** Transactions are named by height and place: `3.0` is the first one of block 3. */
export function blockOf(height: number, { voters = [], changes = [], values = [] }: BlockContent = {}): FinalBlock {
  return {
    ...{ height, hash: `hash ${height}`, previous: `hash ${height - 1}`, timeMs: height, voters, members: [], changes },
    transactions: values.map(([creator, value], index) => ({ id: `${height}.${index}`, creator, value })),
  }
}
