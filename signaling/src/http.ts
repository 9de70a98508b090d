/** The HTTP side: liveness, readiness, metrics, TURN credentials. Imports access, ice and metrics. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Registry } from 'prom-client'
import { type Access, bearerToken, isAllowedOrigin, isAuthorized, isSameSecret, pathOf } from './access.ts'
import type { Counters } from './counters.ts'
import { type IceOptions, iceAnswer } from './ice.ts'
import { type RefusalCode, refusals } from './refusals.ts'

export interface HttpContext {
  readonly access: Access
  readonly ice: IceOptions
  readonly metrics: Registry
  readonly metricsToken: string | null
  readonly counters: Counters
  isDraining(): boolean
  /** State of the broker, or null without one. */
  isBackplaneUp(): boolean | null
  /** Takes one of the address's connections; false if it had none left. */
  takeConnection(request: IncomingMessage): boolean
  refused(code: RefusalCode, request: IncomingMessage): void
  failed(error: unknown): void
}

export const createHttpHandler = (context: HttpContext) => (request: IncomingMessage, response: ServerResponse) => {
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'only GET is served here')
  switch (pathOf(request)) {
    case '/':
      return send(response, 200, 'okay')
    case '/healthz':
      return send(response, 200, 'ok')
    case '/readyz':
      return sendReadiness(response, context)
    case '/metrics':
      return void sendMetrics(request, response, context)
    case '/ice':
      return sendIce(request, response, context)
    default:
      return send(response, 404, 'nothing here')
  }
}

/** Without its broker an instance still serves the peers it has, so it stays ready. */
const sendReadiness = (response: ServerResponse, context: HttpContext): void => {
  const ready = !context.isDraining()
  const up = context.isBackplaneUp()
  sendJson(response, ready ? 200 : 503, { ready, backplane: up === null ? 'none' : up ? 'up' : 'down' })
}

const sendMetrics = async (request: IncomingMessage, response: ServerResponse, context: HttpContext): Promise<void> => {
  const offered = bearerToken(request)
  if (context.metricsToken !== null && (offered === null || !isSameSecret(context.metricsToken, offered))) {
    return refuse(request, response, context, 'unauthorized')
  }
  try {
    const text = await context.metrics.metrics()
    response.writeHead(200, { 'content-type': context.metrics.contentType }).end(text)
  } catch (error) {
    context.failed(error)
    send(response, 500, refusals.internal.reason)
  }
}

const sendIce = (request: IncomingMessage, response: ServerResponse, context: HttpContext): void => {
  const { origin } = request.headers
  if (origin !== undefined) response.setHeader('vary', 'origin')
  const code = iceRefusal(request, context)
  if (code !== 'notAllowedOrigin') {
    response.setHeader('access-control-allow-origin', context.access.origins === null ? '*' : (origin ?? '*'))
  }
  if (code) {
    refuse(request, response, context, code)
  } else {
    const answer = iceAnswer(context.ice, Date.now())
    if (answer.ttlSeconds !== null) context.counters.iceCredentials++
    sendJson(response, 200, answer)
  }
}

const iceRefusal = (request: IncomingMessage, context: HttpContext): RefusalCode | null => {
  if (!isAllowedOrigin(request, context.access)) return 'notAllowedOrigin'
  if (!context.takeConnection(request)) return 'tooManyConnections'
  return isAuthorized(request, context.access) ? null : 'unauthorized'
}

const refuse = (request: IncomingMessage, response: ServerResponse, context: HttpContext, code: RefusalCode): void => {
  context.refused(code, request)
  send(response, refusals[code].httpStatus, refusals[code].reason)
}

const send = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(text)
}

const sendJson = (response: ServerResponse, status: number, value: unknown): void => {
  response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(value))
}
