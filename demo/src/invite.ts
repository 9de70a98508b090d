/** The link that lets somebody in, and its QR code. */
import { encode } from 'uqr'
import { joinLink, type Place } from './address.ts'

const copiedShownMs = 2_000
/** Modules of light around a QR code; fewer than four are read as well where the ground is light (ISO/IEC 18004). */
const quietZone = 2

export interface Invitation {
  readonly link: string
  /** Null where the link is too long for one. */
  readonly qr: QrCode | null
  readonly copied: boolean
}

/** `path`: of SVG, for the dark modules, one unit each, in a square of `size` units. */
export interface QrCode {
  readonly size: number
  readonly path: string
}

export interface Inviter {
  /** Null while nobody is being invited. */
  readonly current: Invitation | null
  open(): Promise<void>
  copy(): Promise<void>
  share(text: string): Promise<void>
  close(): void
}

/** `invitation`: of the section's, null before there is one. */
export function createInviter(place: Place, invitation: () => Promise<string | null>, changed: () => void): Inviter {
  let current: Invitation | null = null
  const update = (next: Invitation | null) => {
    current = next
    changed()
  }
  const showCopied = () => {
    if (!current) return
    update({ ...current, copied: true })
    setTimeout(() => current && update({ ...current, copied: false }), copiedShownMs)
  }
  return {
    get current() {
      return current
    },
    async open() {
      const own = await invitation().catch(() => null)
      const link = joinLink(location.href, { ...place, invitation: own ?? place.invitation })
      update({ link, qr: qrCodeOf(link), copied: false })
    },
    async copy() {
      if (!current) return
      // Refused where the page is not served securely: the link stands there to be copied by hand.
      await navigator.clipboard?.writeText(current.link).then(showCopied, () => {})
    },
    async share(text) {
      // Rejects when somebody thinks better of it.
      if (current) await navigator.share({ title: document.title, text, url: current.link }).catch(() => {})
    },
    close: () => update(null),
  }
}

export function qrCodeOf(text: string): QrCode | null {
  try {
    const { data, size } = encode(text, { ecc: 'L', border: quietZone })
    const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : [])))
    return { size, path: path.join('') }
  } catch {
    return null
  }
}
