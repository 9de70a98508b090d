/** Everything that can be set from outside, once: flags, environment and help all come from this table. */

export interface Setting {
  /** The flag without dashes in front; the environment uses `PARSEC_PEER_` and capitals. */
  readonly name: string
  readonly kind: 'text' | 'list' | 'number'
  /** What stands for the value in the help. */
  readonly value: string
  readonly help: string
}

export const settings: readonly Setting[] = [
  { name: 'room', kind: 'text', value: 'NAME', help: 'the room whose section is to be kept alive (required)' },
  { name: 'signaling', kind: 'list', value: 'URL', help: 'ws: or wss: address of a signaling server (required)' },
  {
    name: 'data',
    kind: 'text',
    value: 'DIR',
    help: 'directory of the database: identity and history (./parsec-web-peer; $STATE_DIRECTORY under systemd)',
  },
  { name: 'password', kind: 'text', value: 'TEXT', help: "the room's password (none)" },
  { name: 'invitation', kind: 'text', value: 'TEXT', help: 'join exactly the section that it names, or fail (any)' },
  { name: 'max-voters', kind: 'number', value: 'N', help: 'most voters of a section that this peer founds, 3f+1 (13)' },
  {
    name: 'ice-servers',
    kind: 'text',
    value: 'JSON',
    help: '[{"urls":"stun:…"}], or [] for none (what the signaling servers hand out)',
  },
  {
    name: 'health-port',
    kind: 'number',
    value: 'N',
    help: 'serve /healthz and /readyz on this port, 0 for a free one',
  },
  { name: 'health-host', kind: 'text', value: 'ADDRESS', help: 'address for it (127.0.0.1)' },
  { name: 'log-level', kind: 'text', value: 'LEVEL', help: 'trace, debug, info, warn, error or silent (info)' },
]

export const environmentName = (name: string): string => `PARSEC_PEER_${name.toUpperCase().replaceAll('-', '_')}`

export const helpText = (): string => {
  const line = ({ name, value, help, kind }: Setting) =>
    `  ${`--${name} ${value}`.padEnd(24)}${help}${kind === 'list' ? '; may be repeated' : ''}`
  return `Usage: parsec-web peer --room NAME --signaling URL [options]
       parsec-web-peer --room NAME --signaling URL [options]

Keeps a section alive: a member and voter like any tab, without a browser. It joins the section that it finds in the
room, or founds one when nobody is there. With the same --data it is the same member again after a restart.

Options (default in parentheses):
${settings.map(line).join('\n')}
  ${'--help'.padEnd(24)}this text
  ${'--version'.padEnd(24)}the version

Every option can also be set in the environment (--max-voters as ${environmentName('max-voters')}, lists separated by
commas). Flags win. Keep the password and TURN credentials out of the flags: other users of the machine see them.

Log: one line of JSON each on the standard output. HTTP: /healthz is 200 while the peer is of use, /readyz while the
section finalizes; both answer with its status in JSON. Signals: SIGTERM and SIGINT stop it cleanly, a second one at once.
Exit codes: 0 stopped by a signal, 1 failed and may be started again, 2 must be looked at by a person first:
configuration, a database in use, or the section removed this member.
`
}
