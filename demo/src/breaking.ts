/** What the audience may do to this tab. The network's switches are in this build of the demo only: see `demo/break`. */
import type { PeerId } from 'parsec-web'
import { treacherous } from '../break/treason.ts'
import type { Action } from './actions.ts'
import type { Live, Session } from './session.ts'

export interface Damage {
  readonly cut: boolean
  readonly delayMs: number
}

/** Both pay the same coins: one is shown to one half of the members, the other to the other half. */
export interface Treason {
  readonly amount: number
  readonly truth: PeerId
  readonly lie: PeerId
}

export interface Breaking {
  readonly isOpen: boolean
  readonly isFrozen: boolean
  /** When this tab forked, in milliseconds since 1970; null: it has not. */
  readonly forkedMs: number | null
  damageOf(peer: PeerId): Damage
  toggle(): void
  damage(peer: PeerId, part: Partial<Damage>): void
  mend(): void
  freeze(on: boolean): void
  /** Ends the page as a crash would, and loads it again. */
  kill(): void
  fork(treason: Treason): void
  /** Whoever appears later is damaged as all are. */
  met(peers: readonly PeerId[]): void
}

const whole: Damage = { cut: false, delayMs: 0 }
const noteOfTraitor = 'spent twice'

export function createBreaking(session: () => Session, changed: () => void): Breaking {
  const damages = new Map<PeerId, Damage>()
  const known = new Set<PeerId>()
  let isOpen = false
  let isFrozen = false
  let forkedMs: number | null = null

  const damageOf = (peer: PeerId) => damages.get(peer) ?? whole

  function apply(peer: PeerId): void {
    const { cut, delayMs } = damageOf(peer)
    globalThis.network.impair(peer, { cut: cut || isFrozen, oneWayDelayMs: delayMs })
  }

  function freeze(on: boolean): void {
    isFrozen = on
    for (const peer of known) apply(peer)
    changed()
  }

  return {
    get isOpen() {
      return isOpen
    },
    get isFrozen() {
      return isFrozen
    },
    get forkedMs() {
      return forkedMs
    },
    damageOf,
    toggle() {
      isOpen = !isOpen
      changed()
    },
    damage(peer, part) {
      damages.set(peer, { ...damageOf(peer), ...part })
      known.add(peer)
      apply(peer)
      changed()
    },
    mend() {
      damages.clear()
      for (const peer of known) apply(peer)
      changed()
    },
    freeze,
    kill() {
      // Nothing that the page says while it is unloaded may leave it.
      freeze(true)
      location.reload()
    },
    fork({ amount, truth, lie }) {
      const pay = (to: PeerId): Action => ({ kind: 'pay', to, amount, note: noteOfTraitor })
      forkedMs = Date.now()
      session().submit(treacherous(pay(truth), pay(lie)))
      changed()
    },
    met(peers) {
      for (const peer of peers) {
        if (known.has(peer)) continue
        known.add(peer)
        if (isFrozen) apply(peer)
      }
    },
  }
}

/** Everybody whom this tab may talk to. */
export function neighboursOf({ me, status, diagnostics }: Live): readonly PeerId[] {
  const peers = [...status.members.map(({ peer }) => peer), ...diagnostics.transport.peers.map(({ peer }) => peer)]
  return [...new Set(peers)].filter((peer) => peer !== me)
}

export type NoTreason = 'needVoters' | 'needCoins' | 'needStanding'

/** All that this account holds, to two members that are online; or why there is nothing to betray with. */
export function treasonOf({ me, status, ledger }: Live): Treason | NoTreason {
  if (status.role !== 'member' && status.role !== 'voter') return 'needStanding'
  const [truth, lie] = status.members.filter(({ peer, online }) => peer !== me && online && ledger.accounts.has(peer))
  if (status.voters < 4 || !truth || !lie) return 'needVoters'
  const amount = ledger.accounts.get(me)?.balance ?? 0
  return amount > 0 ? { amount, truth: truth.peer, lie: lie.peer } : 'needCoins'
}
