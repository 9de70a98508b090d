/** Everything that this server refuses, why, and with which code. Imports nothing. */

export interface Refusal {
  /** Said to the client: as the close reason, or as the body of the HTTP response. */
  readonly reason: string
  /** WebSocket close code (RFC 6455, section 7.4; 1013 from the IANA registry). */
  readonly closeCode: number
  /** Status of the HTTP response where the refusal comes before the WebSocket does. */
  readonly httpStatus: number
}

const refusal = (closeCode: number, httpStatus: number, reason: string): Refusal => ({ closeCode, httpStatus, reason })

export const refusals = {
  notAllowedOrigin: refusal(1008, 403, 'this origin may not use this server'),
  unauthorized: refusal(1008, 401, 'a valid token is needed'),
  tooManyConnections: refusal(1008, 429, 'too many new connections from this address'),
  tooManySockets: refusal(1008, 429, 'too many open sockets from this address'),
  full: refusal(1013, 503, 'the server is full'),
  draining: refusal(1001, 503, 'the server goes away'),
  badUpgrade: refusal(1002, 400, 'not a WebSocket handshake'),
  badHttp: refusal(1002, 400, 'not an HTTP request'),
  badFrame: refusal(1002, 400, 'not a WebSocket frame'),
  notUtf8: refusal(1007, 400, 'text is not UTF-8'),
  frameTooBig: refusal(1009, 413, 'frame is too big'),
  malformed: refusal(1007, 400, 'not a signaling message'),
  tooFast: refusal(1008, 429, 'too many frames'),
  addressTooFast: refusal(1008, 429, 'too many frames from this address'),
  tooManyTopics: refusal(1008, 429, 'too many topics on one socket'),
  topicTooLong: refusal(1008, 400, 'topic name is too long'),
  topicFull: refusal(1013, 503, 'the topic is full'),
  slowConsumer: refusal(1013, 503, 'reads too slowly'),
  unresponsive: refusal(1008, 408, 'gave no sign of life'),
  internal: refusal(1011, 500, 'internal error'),
} as const satisfies Record<string, Refusal>

export type RefusalCode = keyof typeof refusals
