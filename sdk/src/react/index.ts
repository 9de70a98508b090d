'use client'
/** `parsec-web/react`: a section for the components below a provider. Imports the public API, replicas and React. */
export { usePeers, useReplica, useSection, useStatus } from './hooks.ts'
export { SectionProvider, type SectionProviderProps } from './provider.ts'
export type { UsedReplica } from './shared-replicas.ts'
