/**
 * STUN servers and TURN credentials from the signaling servers: `GET /ice` beside the WebSocket. Our own server answers
 * `{ iceServers, ttlSeconds }`; any other one answers something else or nothing, which means none. An answer comes from
 * the network, so all of it is checked and bounded here: one malformed URL would fail every connection of the page.
 */

export interface IceSourceOptions {
  /** `ws:` or `wss:` addresses of signaling servers. */
  readonly urls: readonly string[]
  /** Default: the host's. */
  readonly fetch?: typeof fetch
  /** Never steps back. Default: `performance.now`. */
  readonly nowMs?: () => number
  /** How long one request may take, its body included. Default 2,000. */
  readonly patienceMs?: number
}

/** What one server hands out. */
export interface IceAnswer {
  readonly iceServers: readonly RTCIceServer[]
  /** Null when nothing in it expires. */
  readonly ttlSeconds: number | null
}

interface Server {
  readonly url: string
  iceServers: readonly RTCIceServer[]
  expiresMs: number
  askAgainMs: number
  /** Requests in a row without an answer. */
  failures: number
  asking: Promise<void> | null
}

const PATIENCE_MS = 2_000
/** A credential is replaced before it expires: a connection that starts with it has to allocate its relay in time. */
const FRESH_SHARE = 0.8
/** What does not expire may change all the same. */
const LASTING_ASK_MS = 3_600_000
const LEAST_ASK_MS = 10_000
const FIRST_RETRY_MS = 15_000
const MOST_RETRY_MS = 900_000
const MAX_ANSWER_BYTES = 16_384
const MAX_SERVERS = 8
const MAX_URLS = 8
const MAX_TTL_SECONDS = 7 * 86_400

/**
 * Asks every server at once, and again when an answer grows old; the function it returns never rejects. It waits for a
 * server whose last request was answered, or that was never asked, and has nothing that is still valid: so a host
 * without `/ice` delays one connection at most, by `patienceMs`.
 */
export const createIceSource = (options: IceSourceOptions): (() => Promise<readonly RTCIceServer[]>) => {
  const { nowMs = () => performance.now(), patienceMs = PATIENCE_MS } = options
  const ask = (url: string) => requestIce(url, options.fetch ?? fetch, patienceMs)
  const servers = [...new Set(options.urls.flatMap(iceUrl))].map(
    (url): Server => ({ url, iceServers: [], expiresMs: 0, askAgainMs: 0, failures: 0, asking: null }),
  )
  const look = async (): Promise<readonly RTCIceServer[]> => {
    await Promise.all(servers.map((server) => refresh(server, ask, nowMs)))
    const now = nowMs()
    return merge(servers.flatMap(({ iceServers, expiresMs }) => (now < expiresMs ? iceServers : [])))
  }
  void look()
  return look
}

/** With the address's query, which may hold the token. None for what is no address: the signaling client says so. */
const iceUrl = (signaling: string): string[] => {
  if (!URL.canParse(signaling)) return []
  const { protocol, host, search } = new URL(signaling)
  const scheme = ({ 'ws:': 'http', 'wss:': 'https' } as Record<string, string>)[protocol]
  return scheme === undefined ? [] : [`${scheme}://${host}/ice${search}`]
}

/** Resolves when the server has something to say, or is not worth waiting for. */
const refresh = async (
  server: Server,
  ask: (url: string) => Promise<IceAnswer | null>,
  nowMs: () => number,
): Promise<void> => {
  const now = nowMs()
  if (!server.asking && now >= server.askAgainMs) {
    server.asking = ask(server.url).then((answer) => {
      take(server, answer, now, nowMs())
      server.asking = null
    })
  }
  if (server.failures === 0 && now >= server.expiresMs) await server.asking
}

/** A credential's time runs from when it was asked for at the latest. */
const take = (server: Server, answer: IceAnswer | null, askedMs: number, now: number): void => {
  if (!answer) {
    // What was handed out before stays good until it expires.
    server.askAgainMs = now + Math.min(MOST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(server.failures, 30))
    server.failures += 1
    return
  }
  const ttlMs = answer.ttlSeconds === null ? Number.POSITIVE_INFINITY : answer.ttlSeconds * 1_000
  server.iceServers = answer.iceServers
  server.expiresMs = askedMs + ttlMs
  server.askAgainMs = askedMs + Math.max(LEAST_ASK_MS, Math.min(FRESH_SHARE * ttlMs, LASTING_ASK_MS))
  server.failures = 0
}

const requestIce = async (url: string, get: typeof fetch, patienceMs: number): Promise<IceAnswer | null> => {
  try {
    const signal = AbortSignal.timeout(patienceMs)
    const response = await get(url, { signal, credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer' })
    if (response.ok) return parseIceAnswer(JSON.parse(await readText(response)))
    await response.body?.cancel()
  } catch {
    // No such server, no such path, no right to read it, no JSON: each means that it hands out nothing.
  }
  return null
}

/** Throws beyond `MAX_ANSWER_BYTES`; leaving the loop ends the transfer. */
const readText = async (response: Response): Promise<string> => {
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for (;;) {
    const chunk = await reader?.read()
    if (!chunk || chunk.done) return text + decoder.decode()
    bytes += chunk.value.length
    if (bytes > MAX_ANSWER_BYTES) {
      await reader?.cancel()
      throw new RangeError('the answer is too long')
    }
    text += decoder.decode(chunk.value, { stream: true })
  }
}

/** Null unless every part of it can be given to an `RTCPeerConnection`. */
export const parseIceAnswer = (value: unknown): IceAnswer | null => {
  if (!isRecord(value)) return null
  const { iceServers, ttlSeconds } = value
  if (!Array.isArray(iceServers) || iceServers.length > MAX_SERVERS) return null
  if (ttlSeconds !== null && !(typeof ttlSeconds === 'number' && ttlSeconds > 0 && ttlSeconds <= MAX_TTL_SECONDS)) {
    return null
  }
  const parsed = iceServers.map(parseIceServer)
  return parsed.every((server) => server !== null) ? { iceServers: parsed, ttlSeconds } : null
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const parseIceServer = (value: unknown): RTCIceServer | null => {
  if (!isRecord(value)) return null
  const { username, credential } = value
  const urls: unknown = typeof value['urls'] === 'string' ? [value['urls']] : value['urls']
  if (!Array.isArray(urls) || urls.length === 0 || urls.length > MAX_URLS || !urls.every(isIceUrl)) return null
  if (urls.every((url) => url.startsWith('stun'))) return { urls }
  return isCredential(username) && isCredential(credential) ? { urls, username, credential } : null
}

/** RFC 7064, section 3.1, and RFC 7065, section 3.1. */
const isIceUrl = (value: unknown): value is string => {
  if (typeof value !== 'string' || value.length > 300) return false
  const form = /^(?:stuns?:([^?]+)|turns?:([^?]+)(?:\?transport=(?:udp|tcp))?)$/.exec(value)
  const place = form?.[1] ?? form?.[2]
  // Names, IPv4, bracketed IPv6; whether ports and addresses are in range, the URL parser knows.
  return (
    place !== undefined && /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d+)?$/i.test(place) && URL.canParse(`http://${place}`)
  )
}

/** RFC 8489, section 14.3: fewer than 509 bytes. The scheme in use makes only these characters. */
const isCredential = (value: unknown): value is string =>
  typeof value === 'string' && /^[\x21-\x7e]{1,508}$/.test(value)

/** Each URL once, as the first server has it: instances of one service name the same TURN server. */
const merge = (iceServers: readonly RTCIceServer[]): RTCIceServer[] => {
  const known = new Set<string>()
  return iceServers.flatMap((server) => {
    const urls = [server.urls].flat().filter((url) => !known.has(url))
    for (const url of urls) known.add(url)
    return urls.length === 0 ? [] : [{ ...server, urls }]
  })
}
