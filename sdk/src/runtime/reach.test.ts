/** Members without a connection between them: who is in reach over others, and who is not. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { key, openTab, pass, stopTime } from '../../test/sessions.ts'
import { createMemoryNetwork } from '../transport/memory.ts'
import type { Section } from './types.ts'

beforeEach(stopTime)
afterEach(() => vi.useRealTimers())

const pathsOf = (section: Section): string =>
  section
    .diagnostics()
    .transport.peers.map(({ peer, path }) => `${peer[0]}:${path}`)
    .join(' ')
const onlineOf = (section: Section): string =>
  section.status.members
    .flatMap(({ peer, online }) => (online ? peer.slice(0, 1) : []))
    .sort()
    .join('')

test.each(['abcd', 'abcde', 'abcdef'])(
  'in the line %s everybody is in reach, but for who is behind a gap',
  async (line) => {
    const network = createMemoryNetwork({ delayMs: 5 })
    const sections: Section[] = []
    for (const name of line) {
      sections.push((await openTab(network, name)).section)
      await pass(3_000)
    }
    for (const [i, a] of [...line].entries()) for (const b of line.slice(i + 2)) network.cut(key(a), key(b))
    await pass(3_000)
    expect(sections.map(onlineOf)).toEqual([...line].map(() => line))
    const [first] = sections as [Section]
    expect(pathsOf(first)).toBe(
      [...line.slice(1)].map((name, i) => `${name}:${i === 0 ? 'direct' : 'neighbours'}`).join(' '),
    )
    const far = sections.at(-1)?.submit('from the other end')
    await pass(5_000)
    expect(first.status.height).toBe((await far?.final)?.height)

    const [beyond, last] = [line.at(-2) ?? '', line.at(-1) ?? '']
    network.cut(key(beyond), key(last))
    await pass(500)
    expect(onlineOf(first)).toBe(line.slice(0, -1))
    expect(pathsOf(first)).toContain(`${last}:none`)
    network.heal(key(beyond), key(last))
    await pass(500)
    expect(onlineOf(first)).toBe(line)
  },
)
