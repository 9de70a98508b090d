/** Everything that can be set from outside, once: flags, environment, file and help all come from this table. */
import { defaultLimits, type Limits } from '../limits.ts'

export interface Setting {
  /** The flag without dashes in front; the file uses the same name, the environment `PARSEC_SIGNALING_` and capitals. */
  readonly name: string
  readonly kind: 'text' | 'list' | 'number' | 'boolean'
  /** What stands for the value in the help. */
  readonly value: string
  readonly help: string
}

const setting = (name: string, kind: Setting['kind'], value: string, help: string): Setting => ({
  name,
  kind,
  value,
  help,
})

export const settings = [
  setting('port', 'number', 'N', 'TCP port, 0 for a free one (4444; the variable PORT counts too)'),
  setting('host', 'text', 'ADDRESS', 'address to listen on (every address)'),
  setting('config', 'text', 'FILE', 'JSON file with these names as keys'),
  setting('origin', 'list', 'ORIGIN', 'origin whose pages may connect, such as https://app.example.org (all)'),
  setting('token', 'list', 'TOKEN', 'secret that opens the server, as ?token= or Bearer (none needed)'),
  setting('trusted-proxy', 'list', 'CIDR', 'proxy whose X-Forwarded-For is believed (none)'),
  setting('backplane', 'text', 'URL', 'share topics with other instances through redis://host:6379 (alone)'),
  setting('tls-cert', 'text', 'FILE', 'certificate chain in PEM; read again on SIGHUP (no TLS)'),
  setting('tls-key', 'text', 'FILE', 'its private key in PEM'),
  setting('stun-url', 'list', 'URL', 'STUN server handed out by GET /ice'),
  setting('turn-url', 'list', 'URL', 'TURN server handed out by GET /ice'),
  setting('turn-secret', 'text', 'SECRET', "the TURN server's static-auth-secret"),
  setting('turn-ttl', 'number', 'SECONDS', 'life of a TURN credential (3600)'),
  setting('heartbeat', 'number', 'SECONDS', 'time between two signs of life asked of a socket (30)'),
  setting('heartbeat-misses', 'number', 'N', 'unanswered ones that end the socket (3)'),
  setting('drain', 'number', 'SECONDS', 'time over which SIGTERM closes the sockets (5)'),
  setting('metrics-token', 'text', 'TOKEN', 'Bearer token that /metrics needs (open)'),
  setting('log-level', 'text', 'LEVEL', 'trace, debug, info, warn, error or silent (info; warn on a terminal)'),
  setting('log-addresses', 'boolean', '', "write users' addresses to the log"),
] as const satisfies readonly Setting[]

/** Flag of each limit. */
export const limitSettings: Readonly<Record<keyof Limits, Setting>> = {
  frameBytes: limit('frame-bytes', 'longest message, in bytes', 'frameBytes'),
  topicLength: limit('topic-length', 'longest topic name', 'topicLength'),
  topicsPerSocket: limit('topics-per-socket', 'topics of one socket', 'topicsPerSocket'),
  subscribersPerTopic: limit('subscribers-per-topic', 'subscribers of one topic', 'subscribersPerTopic'),
  framesPerSecondPerSocket: limit('frame-rate', 'frames per second of one socket', 'framesPerSecondPerSocket'),
  frameBurstPerSocket: limit('frame-burst', 'frames at once of one socket', 'frameBurstPerSocket'),
  framesPerSecondPerAddress: limit('address-frame-rate', 'frames per second', 'framesPerSecondPerAddress'),
  frameBurstPerAddress: limit('address-frame-burst', 'frames at once', 'frameBurstPerAddress'),
  connectionsPerSecondPerAddress: limit('address-rate', 'new sockets per second', 'connectionsPerSecondPerAddress'),
  connectionBurstPerAddress: limit('address-burst', 'new sockets at once', 'connectionBurstPerAddress'),
  socketsPerAddress: limit('address-sockets', 'open sockets', 'socketsPerAddress'),
  sockets: limit('sockets', 'open sockets of all', 'sockets'),
  bufferedBytesPerSocket: limit('buffered-bytes', 'unsent bytes of a socket that reads', 'bufferedBytesPerSocket'),
}

function limit(name: string, help: string, key: keyof Limits): Setting {
  const whose = name.startsWith('address-') ? `${help} of one address` : help
  return setting(`max-${name}`, 'number', 'N', `${whose} (${defaultLimits[key]})`)
}

export const allSettings: readonly Setting[] = [...settings, ...Object.values(limitSettings)]

export const environmentName = (name: string): string => `PARSEC_SIGNALING_${name.toUpperCase().replaceAll('-', '_')}`

export const helpText = (): string => {
  const line = ({ name, value, help, kind }: Setting) =>
    `  ${`--${name}${value && ` ${value}`}`.padEnd(34)}${help}${kind === 'list' ? '; may be repeated' : ''}`
  return `Usage: parsec-web-signaling [options]

Introduces browser peers to each other: a signaling server for y-webrtc and parsec-web.
Without options it serves on port 4444, in memory, for everybody.

Options (default in parentheses):
${settings.map(line).join('\n')}
  ${'--help'.padEnd(34)}this text
  ${'--version'.padEnd(34)}the version

Limits; what crosses one is refused with a reason and counted in /metrics:
${Object.values(limitSettings).map(line).join('\n')}

Every option can also be set in the environment (--trusted-proxy as ${environmentName('trusted-proxy')}, lists
separated by commas) or in the file ("trusted-proxy": ["10.0.0.0/8"]). Flags win over the environment, the
environment wins over the file. Keep secrets out of the flags: other users of the machine see them.

HTTP: GET / (okay), /healthz, /readyz, /metrics (Prometheus), /ice (STUN and TURN servers).
Signals: SIGTERM and SIGINT drain and end, SIGHUP reads the certificate again.
`
}
