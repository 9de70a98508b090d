/** The section that the components below share. */
import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react'
import { type JoinOptions, joinSection, type Section } from '../index.ts'
import { createMembership, type Joining, joining } from './membership.ts'
import { createSharedReplicas, type SharedReplicas } from './shared-replicas.ts'

export interface SectionProviderProps {
  /**
   * Which section to join, or a function that joins it. Read once: give the provider another `key` to join another. The
   * section is closed, not left, when the provider is unmounted.
   */
  readonly join: Omit<JoinOptions, 'signal'> | ((signal: AbortSignal) => Promise<Section>)
  readonly children?: ReactNode
}

export interface Provided {
  readonly joining: Joining
  readonly replicas: SharedReplicas
}

/** Null outside of any provider. */
export const SectionContext = createContext<Provided | null>(null)

/** Joins when it is mounted, once under StrictMode, too; never while rendering on a server. */
export function SectionProvider({ join, children }: SectionProviderProps): ReactElement {
  const [{ membership, replicas }] = useState(() => ({
    membership: createMembership(typeof join === 'function' ? join : (signal) => joinSection({ ...join, signal })),
    replicas: createSharedReplicas(),
  }))
  const state = useSyncExternalStore(membership.subscribe, membership.current, () => joining)
  const provided = useMemo(() => ({ joining: state, replicas }), [state, replicas])
  return createElement(SectionContext.Provider, { value: provided }, children)
}
