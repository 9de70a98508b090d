import { expect, test } from 'vitest'
import { readConfiguration } from './configuration.ts'
import { environmentName, helpText, settings } from './settings.ts'

const needed = ['--room', 'tea-club', '--signaling', 'ws://localhost:4444']
const optionsOf = (args: readonly string[], environment = {}) => {
  const configuration = readConfiguration(args, environment)
  return configuration.kind === 'run' ? configuration : null
}

test('a room and a signaling server are enough', () => {
  expect(readConfiguration(needed, {})).toEqual({
    kind: 'run',
    options: { room: 'tea-club', signaling: ['ws://localhost:4444'], data: 'parsec-web-peer' },
    logLevel: 'info',
    health: null,
  })
})

test('every option reaches the peer', () => {
  const args = ['--signaling', 'wss://b', '--data', '/d', '--password', 'p', '--invitation', 'i', '--max-voters', '7']
  const iceServers = [{ urls: ['turn:a'], username: 'u', credential: 'c' }]
  const more = ['--ice-servers', JSON.stringify(iceServers), '--health-port', '80', '--health-host', '::']
  expect(optionsOf([...needed, ...args, ...more, '--log-level', 'debug'])).toEqual({
    kind: 'run',
    options: {
      room: 'tea-club',
      signaling: ['ws://localhost:4444', 'wss://b'],
      data: '/d',
      password: 'p',
      invitation: 'i',
      maxVoters: 7,
      iceServers,
    },
    logLevel: 'debug',
    health: { host: '::', port: 80 },
  })
})

test('flags win over the environment, whose empty variables are unset ones', () => {
  const environment = {
    PARSEC_PEER_ROOM: 'other',
    PARSEC_PEER_SIGNALING: 'ws://a, ws://b',
    PARSEC_PEER_PASSWORD: '',
    PARSEC_PEER_ICE_SERVERS: '[]',
  }
  expect(optionsOf(['--room', 'tea-club'], environment)?.options).toEqual({
    room: 'tea-club',
    signaling: ['ws://a', 'ws://b'],
    data: 'parsec-web-peer',
    iceServers: [],
  })
})

test("the database lies in the service's own directory unless another is named", () => {
  const environment = { STATE_DIRECTORY: '/var/lib/one:/var/lib/two' }
  expect(optionsOf(needed, environment)?.options.data).toBe('/var/lib/one')
  expect(optionsOf([...needed, '--data', '/d'], environment)?.options.data).toBe('/d')
})

test('help and version need nothing else', () => {
  expect(readConfiguration(['--help'], {})).toEqual({ kind: 'help' })
  expect(readConfiguration(['--version'], {})).toEqual({ kind: 'version' })
})

const notIceServers = 'ice-servers must be JSON such as [{"urls":"stun:stun.example.org"}]'

test.each([
  [[], '--room is needed; --help tells more'],
  [['--room', 'x'], '--signaling is needed; --help tells more'],
  [['--rom', 'x'], "Unknown option '--rom'"],
  [['x'], "Unexpected argument 'x'"],
  [[...needed, '--max-voters', 'four'], '--max-voters must be a whole number'],
  [[...needed, '--max-voters', ''], '--max-voters must be a whole number'],
  [[...needed, '--health-port', '65536'], 'health-port must be from 0 to 65535'],
  [[...needed, '--log-level', 'loud'], 'log-level must be one of trace, debug, info, warn, error, silent'],
  [[...needed, '--ice-servers', 'stun:a'], notIceServers],
  [[...needed, '--ice-servers', '{}'], notIceServers],
  [[...needed, '--ice-servers', '[{"urls":[1]}]'], notIceServers],
  [[...needed, '--ice-servers', '[{"urls":"turn:a","username":1}]'], notIceServers],
])('says in one line what is wrong with %j', (args, message) => {
  expect(() => readConfiguration(args, {})).toThrow(message)
  try {
    readConfiguration(args, {})
  } catch (error) {
    expect(error).toMatchObject({ name: 'ConfigurationError' })
    expect(String(error)).not.toContain('\n')
  }
})

test('the help names every option and how variables are called', () => {
  for (const { name } of settings) expect(helpText()).toContain(`--${name} `)
  expect(helpText()).toContain(environmentName('max-voters'))
})
