/** What the page's address says, and the address that lets somebody else in. */

const usualRoom = 'tea-club'

export interface Place {
  readonly room: string
  readonly signaling: readonly string[]
  /** Names one section: the room's other sections are not joined. */
  readonly invitation: string | null
  /** Encrypts what the signaling servers see; null: nothing does. */
  readonly password: string | null
  /** Whether others need an invitation to become members. */
  readonly admission: 'open' | 'invitation'
  /** Whether the section runs in a worker, as it does unless told otherwise. */
  readonly worker: boolean
}

/** Where `npm start` puts the signaling server when the port is free: on the machine that the page comes from. */
export function usualSignaling(address: string): string {
  const { protocol, hostname } = new URL(address)
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${hostname}:4444`
}

/** `?room=…&signaling=ws://…&invitation=…&password=…&admission=invitation&worker=no`, each also behind `#`, where servers do not see it; `#` wins. */
export function placeOf(address: string): Place {
  const url = new URL(address)
  const hidden = new URLSearchParams(url.hash.slice(1))
  const read = (name: string) =>
    [...hidden.getAll(name), ...url.searchParams.getAll(name)].filter((text) => text !== '')
  const signaling = read('signaling')
  return {
    room: read('room')[0] ?? usualRoom,
    signaling: signaling.length > 0 ? signaling : [usualSignaling(address)],
    invitation: read('invitation')[0] ?? null,
    password: read('password')[0] ?? null,
    admission: read('admission')[0] === 'invitation' ? 'invitation' : 'open',
    worker: read('worker')[0] !== 'no',
  }
}

/** The address of the same page for somebody to join. */
export function joinLink(address: string, place: Place): string {
  const url = new URL(address)
  url.search = ''
  url.searchParams.set('room', place.room)
  const usual = place.signaling.length === 1 && place.signaling[0] === usualSignaling(address)
  if (!usual) for (const server of place.signaling) url.searchParams.append('signaling', server)
  if (place.admission !== 'open') url.searchParams.set('admission', place.admission)
  const hidden = new URLSearchParams()
  if (place.invitation !== null) hidden.set('invitation', place.invitation)
  if (place.password !== null) hidden.set('password', place.password)
  url.hash = hidden.toString()
  return url.href
}

/** Whether nobody but this machine can open it. */
export function isLocalAddress(address: string): boolean {
  const { hostname } = new URL(address)
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname)
}
