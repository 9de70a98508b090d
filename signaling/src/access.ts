/** Who may use the server at all. Imports Node only. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

export interface Access {
  readonly origins: ReadonlySet<string> | null
  readonly tokens: readonly string[] | null
}

/**
 * With an allow-list, a request without an origin is refused as well. This keeps other sites' pages away, not programs,
 * which can send any origin: those need a token.
 */
export const isAllowedOrigin = (request: IncomingMessage, { origins }: Access): boolean =>
  origins === null || (request.headers.origin !== undefined && origins.has(request.headers.origin))

/** Browsers cannot set headers on a WebSocket, so the token may come in the query. */
export const isAuthorized = (request: IncomingMessage, { tokens }: Access): boolean => {
  if (tokens === null) return true
  const offered = bearerToken(request) ?? new URLSearchParams(queryOf(request)).get('token')
  return offered !== null && tokens.some((token) => isSameSecret(token, offered))
}

export const bearerToken = (request: IncomingMessage): string | null =>
  /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null

export const pathOf = (request: IncomingMessage): string => (request.url ?? '/').split('?', 1)[0] ?? '/'

const queryOf = (request: IncomingMessage): string => {
  const url = request.url ?? ''
  return url.includes('?') ? url.slice(url.indexOf('?') + 1) : ''
}

/** Takes the same time wherever the two differ, and whatever their lengths. */
export const isSameSecret = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
