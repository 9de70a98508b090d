/** What components below a `SectionProvider` see. Each throws the error with which joining failed, for an error boundary. */
import { useCallback, useContext, useState, useSyncExternalStore } from 'react'
import type { Member, Section, SectionStatus } from '../index.ts'
import type { Machine, ReplicaOptions } from '../replica/index.ts'
import { type Provided, SectionContext } from './provider.ts'
import type { UsedReplica } from './shared-replicas.ts'

const nobody: readonly Member[] = []
const never = () => () => {}
const nothing = () => null

/** Null until it is joined, and on a server. */
export function useSection(): Section | null {
  return sectionOf(useProvided())
}

/** Null until the section is joined, and on a server. */
export function useStatus(): SectionStatus | null {
  const section = useSection()
  const subscribe = useCallback((listener: () => void) => section?.on('status', listener) ?? never(), [section])
  return useSyncExternalStore(subscribe, () => section?.status ?? null, nothing)
}

/** The section's members, this one included; empty until it is joined, and on a server. */
export function usePeers(): readonly Member[] {
  const section = useSection()
  const subscribe = useCallback((listener: () => void) => section?.on('members', listener) ?? never(), [section])
  return useSyncExternalStore(
    subscribe,
    () => section?.status.members ?? nobody,
    () => nobody,
  )
}

/**
 * The machine's states in this section, and `submit`; null until it is joined, and on a server. Components that give the
 * same machine share one replica, with the options of the first. Both are read once in a component.
 */
export function useReplica<State, Reason = string>(
  machine: Machine<State, Reason>,
  options?: ReplicaOptions,
): UsedReplica<State, Reason> | null {
  const provided = useProvided()
  const section = sectionOf(provided)
  const [first] = useState({ machine, options })
  const shared = section && provided.replicas.of(section, first.machine, first.options)
  return useSyncExternalStore(shared?.subscribe ?? never, shared?.current ?? nothing, nothing)
}

function useProvided(): Provided {
  const provided = useContext(SectionContext)
  if (provided === null) throw new Error('this hook is called outside of a SectionProvider')
  return provided
}

function sectionOf({ joining }: Provided): Section | null {
  if (joining.kind === 'failed') throw joining.error
  return joining.kind === 'joined' ? joining.section : null
}
