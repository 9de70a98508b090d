import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfiguration } from './load.ts'
import { allSettings, helpText } from './settings.ts'

const file = (content: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'signaling-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'config.json'), content)
  return join(folder, 'config.json')
}

test('without configuration nothing is set', () => {
  expect(loadConfiguration([], {})).toMatchObject({
    options: { limits: {} },
    drainMs: 5_000,
    logLevel: null,
    readTls: null,
  })
})

test('flags win over the environment, the environment over the file', () => {
  const config = file('{"port": 1, "host": "a", "turn-ttl": 60, "origin": ["https://a.example"], "max-sockets": 5}')
  const environment = { PARSEC_SIGNALING_PORT: '2', PARSEC_SIGNALING_HOST: 'b', PARSEC_SIGNALING_CONFIG: config }
  const { options } = loadConfiguration(['--port', '3'], environment)
  expect(options).toMatchObject({
    port: 3,
    host: 'b',
    ice: { turnTtlSeconds: 60 },
    origins: ['https://a.example'],
    limits: { sockets: 5 },
  })
})

test('lists are repeated flags, or commas in the environment', () => {
  const args = ['--trusted-proxy', '10.0.0.0/8', '--trusted-proxy', '::1']
  expect(loadConfiguration(args, {}).options.trustedProxies).toEqual(['10.0.0.0/8', '::1'])
  const environment = { PARSEC_SIGNALING_TRUSTED_PROXY: '10.0.0.0/8, ::1' }
  expect(loadConfiguration([], environment).options.trustedProxies).toEqual(['10.0.0.0/8', '::1'])
})

test('PORT counts where the own variable is not set, and empty variables are unset ones', () => {
  expect(loadConfiguration([], { PORT: '8080' }).options.port).toBe(8080)
  expect(loadConfiguration([], { PORT: '8080', PARSEC_SIGNALING_PORT: '9' }).options.port).toBe(9)
  expect(loadConfiguration([], { PARSEC_SIGNALING_PORT: '', PORT: '' }).options.port).toBeUndefined()
})

test('how many signs of life may be missed can be set', () => {
  expect(loadConfiguration(['--heartbeat-misses', '5'], {}).options.heartbeatMisses).toBe(5)
})

test('seconds become milliseconds', () => {
  const configuration = loadConfiguration(['--heartbeat', '1.5', '--drain', '0'], {})
  expect([configuration.options.heartbeatMs, configuration.drainMs]).toEqual([1_500, 0])
})

test.each([
  [['--prot', '1'], "Unknown option '--prot'"],
  [['--port', 'x'], '--port must be a number'],
  [['--port'], "Option '--port <value>' argument missing"],
  [['--drain', '-1'], "Option '--drain' argument is ambiguous"],
  [['--tls-cert', 'a'], 'tls-cert and tls-key need each other'],
  [['--log-level', 'loud'], 'log-level must be trace, debug, info, warn, error or silent'],
  [['extra'], "Unexpected argument 'extra'"],
])('says in one line what is wrong with %j', (args, message) => {
  expect(() => loadConfiguration(args, {})).toThrow(message)
  try {
    loadConfiguration(args, {})
  } catch (error) {
    expect((error as Error).message).not.toContain('\n')
  }
})

test.each([
  ['[]', 'must hold one JSON object'],
  ['{', 'cannot read'],
  ['{"prot": 1}', 'has an unknown key "prot"'],
  ['{"config": "x"}', 'has an unknown key "config"'],
  ['{"port": "x"}', 'must be a number'],
  ['{"origin": [1]}', 'must be a list of texts'],
  ['{"log-addresses": 1}', 'must be true or false'],
])('refuses a file that holds %s', (content, message) => {
  expect(() => loadConfiguration(['--config', file(content)], {})).toThrow(message)
})

test('the help names every setting', () => {
  for (const { name } of allSettings) expect(helpText()).toContain(`--${name} `)
})
