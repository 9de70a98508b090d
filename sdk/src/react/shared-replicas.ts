/** The replicas of a provider's sections: one for each machine, while a component uses it. */
import type { Section } from '../index.ts'
import { type Machine, type Readout, type Replica, type ReplicaOptions, replicate } from '../replica/index.ts'

export type UsedReplica<State, Reason> = Readout<State, Reason> & Pick<Replica<State, Reason>, 'submit'>

export interface SharedReplica<State, Reason> {
  /** The same object until something changes; null while nobody listens. */
  readonly current: () => UsedReplica<State, Reason> | null
  readonly subscribe: (listener: () => void) => () => void
}

export interface SharedReplicas {
  /** Does nothing yet, so that it can be called while rendering. */
  of<State, Reason>(
    section: Section,
    machine: Machine<State, Reason>,
    options: ReplicaOptions | undefined,
  ): SharedReplica<State, Reason>
}

export function createSharedReplicas(): SharedReplicas {
  const bySection = new WeakMap<Section, Map<unknown, SharedReplica<never, never>>>()
  return {
    of<State, Reason>(section: Section, machine: Machine<State, Reason>, options: ReplicaOptions | undefined) {
      const replicas = bySection.get(section) ?? new Map<unknown, SharedReplica<never, never>>()
      bySection.set(section, replicas)
      const known = replicas.get(machine) as SharedReplica<State, Reason> | undefined
      if (known) return known
      const made = createSharedReplica(() => replicate(section, machine, options))
      replicas.set(machine, made as unknown as SharedReplica<never, never>)
      return made
    },
  }
}

function createSharedReplica<State, Reason>(open: () => Replica<State, Reason>): SharedReplica<State, Reason> {
  const listeners = new Set<() => void>()
  let replica: Replica<State, Reason> | null = null
  let seen: Readout<State, Reason> | null = null
  let used: UsedReplica<State, Reason> | null = null

  return {
    current() {
      const readout = replica?.current ?? null
      if (readout !== seen) {
        seen = readout
        used = replica && readout && { ...readout, submit: replica.submit }
      }
      return used
    },
    subscribe(listener) {
      listeners.add(listener)
      if (replica === null) {
        replica = open()
        replica.subscribe(() => {
          for (const each of [...listeners]) each()
        })
        listener()
      }
      return () => {
        listeners.delete(listener)
        // As effects under StrictMode do, a component may be back in this turn.
        queueMicrotask(() => {
          if (listeners.size > 0) return
          void replica?.close()
          replica = null
        })
      }
    },
  }
}
