/** What processes use, from `/proc`: elsewhere than on Linux nothing can be told. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

export interface ProcessUse {
  readonly pid: number
  readonly parent: number
  readonly command: string
  /** Its own and that of its descendants which have ended. */
  readonly cpuMs: number
  readonly rssBytes: number
}

/** A process in which pages run, Chromium's or Firefox's. */
export function isTab({ command }: ProcessUse): boolean {
  return command.includes('--type=renderer') || (command.includes('-contentproc') && command.endsWith('tab\0'))
}

export const isMeasurable = existsSync('/proc/self/stat')

const tickMs = isMeasurable ? 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })) : Number.NaN
const pageBytes = isMeasurable ? Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' })) : Number.NaN

/** The processes below one, itself left out. */
export function descendantsOf(root: number): ProcessUse[] {
  if (!isMeasurable) return []
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? useOf(Number(name)) : []))
  const found: ProcessUse[] = []
  for (let parents = [root]; parents.length > 0; ) {
    const children = all.filter(({ parent }) => parents.includes(parent))
    found.push(...children)
    parents = children.map(({ pid }) => pid)
  }
  return found
}

/** Empty once it has ended. proc(5), `stat`: after the command in brackets come state, parent (4), utime, stime, cutime, cstime (14 to 17), rss (24). */
export function useOf(pid: number): ProcessUse[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const field = (number: number) => Number(fields[number - 3])
    return [
      {
        pid,
        parent: field(4),
        command: readFileSync(`/proc/${pid}/cmdline`, 'latin1'),
        cpuMs: (field(14) + field(15) + field(16) + field(17)) * tickMs,
        rssBytes: field(24) * pageBytes,
      },
    ]
  } catch {
    // It has ended meanwhile.
    return []
  }
}
