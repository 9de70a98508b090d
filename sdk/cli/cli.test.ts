import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { fetchProgram } from './peer.ts'

vi.setConfig({ testTimeout: 60_000 })

const tsconfig = fileURLToPath(new URL('../../tsconfig.tools.json', import.meta.url))
const main = new URL('./main.ts', import.meta.url).href

function parsecWeb(...args: string[]) {
  const program = `import { run } from ${JSON.stringify(main)}; await run(${JSON.stringify(args)})`
  const env = { ...process.env, TSX_TSCONFIG_PATH: tsconfig }
  const command = ['--import', 'tsx', '--input-type=module', '--eval', program]
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { env, encoding: 'utf8' })
  return { status, stdout, stderr }
}

test('lists its commands', () => {
  expect(parsecWeb('--help')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^ {2}peer .*member and voter/m),
  })
})

test('says in one line that there is no such command', () => {
  const stderr = 'parsec-web: there is no "pear"; --help lists what there is\n'
  expect(parsecWeb('pear')).toEqual({ status: 2, stdout: '', stderr })
})

/** A folder in which an npm that runs `program` has put the headless peer. */
function npmThatRuns(program: string) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'parsec-web-cli-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const modules = join(folder, 'node_modules')
  const installed = join(modules, 'parsec-web-peer')
  for (const each of [installed, join(modules, '.bin')]) mkdirSync(each, { recursive: true })
  writeFileSync(join(installed, 'package.json'), '{ "name": "parsec-web-peer", "exports": { "./cli": "./cli.js" } }')
  for (const file of [join(installed, 'cli.js'), join(modules, '.bin', 'parsec-web-peer')]) writeFileSync(file, '')
  writeFileSync(join(folder, 'npm.cjs'), program)
  const env = { npm_command: 'exec', npm_execpath: join(folder, 'npm.cjs') }
  return { env, path: join(modules, '.bin'), module: join(installed, 'cli.js') }
}

test('under npx the headless peer is fetched by the same npm, in the same version', () => {
  const program = `
    const [exec, yes, what] = process.argv.slice(2)
    if (exec !== 'exec' || yes !== '--yes' || !/^--package=parsec-web-peer@\\d+\\.\\d+\\.\\d+$/.test(what)) process.exit(1)
    console.log([__dirname + '/node_modules/.bin', '/usr/bin'].join(${JSON.stringify(delimiter)}))`
  const { env, module } = npmThatRuns(program)
  expect(fetchProgram(env)).toBe(module)
})

test('under npx it says in one line that npm could not fetch it', () => {
  const { env } = npmThatRuns('process.exit(1)')
  expect(() => fetchProgram(env)).toThrow(/^npm could not fetch parsec-web-peer@[0-9.]+$/)
})

test('elsewhere it names the package to install and fetches nothing', () => {
  const { env } = npmThatRuns('throw new Error("asked for")')
  const message = /^the headless peer is a package of its own: npm install parsec-web-peer@[0-9.]+$/
  expect(() => fetchProgram({ ...env, npm_command: 'run-script' })).toThrow(message)
  expect(() => fetchProgram({})).toThrow(message)
})

describe('verify', () => {
  const golden = fileURLToPath(new URL('../test/golden/exported-history.bin', import.meta.url))

  test('says of a valid history which section it is of, and how far it goes', () => {
    const { status, stdout } = parsecWeb('verify', golden)
    expect(stdout).toMatch(/^valid: 8 blocks final, with 4 transactions\nsection {2}[0-9a-f]{64}\n/)
    expect(status).toBe(0)
  })

  test('says of an invalid one which block fails, and why', () => {
    const changed = readFileSync(golden)
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
    const file = join(realpathSync(mkdtempSync(join(tmpdir(), 'parsec-web-cli-'))), 'changed')
    onTestFinished(() => rmSync(dirname(file), { recursive: true, force: true }))
    writeFileSync(file, changed)
    expect(parsecWeb('verify', file)).toEqual({
      ...{ status: 1, stderr: '' },
      stdout: 'invalid: block 8 fails: a signature is wrong\n',
    })
  })
})

describe('graph', () => {
  const golden = fileURLToPath(new URL('../test/golden/exported-events.bin', import.meta.url))

  test('draws an event log as SVG, with what each event is under the pointer', () => {
    const { status, stdout, stderr } = parsecWeb('graph', golden, '--blocks', '6-7')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^<\?xml.*<svg.*decides block 7.*<\/svg>\s*$/s)
  })

  test('says in one line what it cannot draw', () => {
    const history = fileURLToPath(new URL('../test/golden/exported-history.bin', import.meta.url))
    const stderr = 'parsec-web: the file fails: malformed (not a parsec-web events file)\n'
    expect(parsecWeb('graph', history)).toEqual({ status: 1, stdout: '', stderr })
    expect(parsecWeb('graph', golden, '--blocks', '7-6')).toMatchObject({ status: 2 })
  })
})
