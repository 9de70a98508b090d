/** Puts the scenario's faults on the clock, and takes them all back at the end of its active time. */
import type { Engine } from '../engine.ts'
import type { Network } from '../network/network.ts'
import type { Fault, Scenario } from '../scenario.ts'
import type { Host } from './host-port.ts'

export interface FaultsOptions {
  readonly scenario: Scenario
  readonly engine: Engine
  readonly network: Network
  readonly hosts: readonly Host[]
  /** Whether the section is promised to survive that this slot goes for good. */
  readonly mayFailForGood: (slot: number) => boolean
}

export function scheduleFaults(options: FaultsOptions): void {
  for (const fault of options.scenario.faults) schedule(fault, options)
}

function schedule(fault: Fault, options: FaultsOptions): void {
  const { scenario, engine, hosts } = options
  const endMs = scenario.activeMs
  if (fault.atMs >= endMs) return
  if (fault.kind === 'partition') {
    partition(fault, options)
    return
  }
  const host = hosts[fault.slot]
  if (host === undefined) return
  switch (fault.kind) {
    case 'crash': {
      const backMs = fault.downMs === null ? null : fault.downMs
      engine.at(fault.atMs, () => {
        if (!host.isRunning() || (backMs === null && !options.mayFailForGood(fault.slot))) return
        host.armCrash(fault.point, () => {
          if (backMs !== null) engine.at(Math.min(engine.now() + backMs, Math.max(endMs, engine.now() + 1)), host.start)
        })
      })
      // A host that has nothing to sign until the end does not die afterwards.
      engine.at(endMs, host.disarmCrash)
      return
    }
    case 'lostStorage':
      engine.at(fault.atMs, () => {
        if (!host.isRunning() || !options.mayFailForGood(fault.slot)) return
        host.stop()
        host.loseStorage()
        engine.at(Math.min(engine.now() + fault.downMs, Math.max(endMs, engine.now() + 1)), host.start)
      })
      return
    case 'throttled':
      engine.at(fault.atMs, () => host.setThrottled(true))
      engine.at(Math.min(fault.untilMs, endMs), () => host.setThrottled(false))
      return
    case 'frozen':
      engine.at(fault.atMs, () => host.freeze(fault.standsDown ?? false))
      engine.at(Math.min(fault.untilMs, endMs), host.thaw)
      return
    case 'closed': {
      const { downMs } = fault
      engine.at(fault.atMs, () => {
        if (!host.isRunning() || (downMs === null && !options.mayFailForGood(fault.slot))) return
        host.close()
        if (downMs !== null) engine.at(Math.min(engine.now() + downMs, Math.max(endMs, engine.now() + 1)), host.start)
      })
      return
    }
    case 'leave':
      engine.at(fault.atMs, () => {
        if (!host.isRunning() || !options.mayFailForGood(fault.slot)) return
        const { membership } = host.core().status()
        if (membership === 'member' || membership === 'voter') host.feed({ kind: 'leave' })
      })
  }
}

function partition(fault: Extract<Fault, { kind: 'partition' }>, { scenario, engine, network }: FaultsOptions): void {
  const inside = new Set(fault.slots)
  const pairs: (readonly [number, number])[] = []
  for (const a of fault.slots) {
    for (let b = 0; b < scenario.peers; b++) if (!inside.has(b)) pairs.push([a, b])
  }
  const inbound = fault.manner === 'stall' || fault.manner === 'stallInbound'
  const outbound = fault.manner === 'stall' || fault.manner === 'stallOutbound'
  engine.at(fault.atMs, () => {
    for (const [a, b] of pairs) {
      if (fault.manner === 'cut') network.cut(a, b)
      if (inbound) network.stall(b, a)
      if (outbound) network.stall(a, b)
    }
  })
  engine.at(Math.min(fault.untilMs, scenario.activeMs), () => {
    for (const [a, b] of pairs) {
      if (fault.manner === 'cut') network.mend(a, b)
      if (inbound) network.release(b, a)
      if (outbound) network.release(a, b)
    }
  })
}
