/** What one socket, one address and one topic may cost. Imports nothing. */

export interface Limits {
  /** Longest WebSocket message, in bytes. */
  readonly frameBytes: number
  /** Longest topic name, in UTF-16 code units. */
  readonly topicLength: number
  readonly topicsPerSocket: number
  /** Counted across instances, as far as the others' counts are known. */
  readonly subscribersPerTopic: number
  /** Steady rate of frames (pings included) of one socket; more is allowed up to the burst. */
  readonly framesPerSecondPerSocket: number
  readonly frameBurstPerSocket: number
  readonly framesPerSecondPerAddress: number
  readonly frameBurstPerAddress: number
  /** Steady rate of new sockets (and `/ice` requests) of one address. */
  readonly connectionsPerSecondPerAddress: number
  readonly connectionBurstPerAddress: number
  readonly socketsPerAddress: number
  readonly sockets: number
  /** A socket with more than this waiting to be sent is a slow consumer. Payloads are shared between sockets. */
  readonly bufferedBytesPerSocket: number
}

/**
 * Generous to honest use: a browser that meets 50 peers at once publishes some 300 frames within a second or two, and a
 * school or an office shares one address.
 */
export const defaultLimits: Limits = {
  frameBytes: 65_536,
  topicLength: 1_024,
  topicsPerSocket: 100,
  subscribersPerTopic: 500,
  framesPerSecondPerSocket: 100,
  frameBurstPerSocket: 2_000,
  framesPerSecondPerAddress: 2_000,
  frameBurstPerAddress: 20_000,
  connectionsPerSecondPerAddress: 20,
  connectionBurstPerAddress: 500,
  socketsPerAddress: 2_000,
  sockets: 20_000,
  bufferedBytesPerSocket: 1_048_576,
}
