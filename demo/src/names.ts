/** What a member is called until it says otherwise, and its colour: read off its key, hence the same in every tab. */
import type { PeerId } from 'parsec-web'
import type { Ledger } from './ledger.ts'

const first =
  'amber brisk calm clever copper dapper early fond gentle golden happy keen lively lucky mellow merry'.split(' ')
const second = 'badger crane dolphin falcon finch fox heron ibex koala lark lynx marten otter owl puffin robin'.split(
  ' ',
)

export interface Persona {
  readonly name: string
  /** Degrees on the colour wheel. */
  readonly hue: number
}

export function personaOf(ledger: Ledger, peer: PeerId): Persona {
  const number = Number.parseInt(peer.slice(0, 8), 16) || 0
  return { name: ledger.accounts.get(peer)?.name ?? givenName(number), hue: (number >>> 8) % 360 }
}

/** The beginning of a key, enough to tell namesakes apart. */
export function shortId(id: string): string {
  return id.slice(0, 8)
}

function givenName(number: number): string {
  const name = `${first[number % 16]} ${second[(number >>> 4) % 16]}`
  return name.charAt(0).toUpperCase() + name.slice(1)
}
