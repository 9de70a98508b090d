/** The package as npm hands it out. Nothing is downloaded: it finds those dependencies that it declares, and no others. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { connect, subscribe } from './client.ts'

interface Manifest {
  readonly version: string
  readonly bin: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
}

const workspace = fileURLToPath(new URL('..', import.meta.url))
const modules = dirname(dirname(createRequire(import.meta.url).resolve('ws/package.json')))
let home = ''
let manifest: Manifest

/** Packs, unpacks, and links as `npm install` does. */
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'parsec-web-signaling-'))
  execFileSync('npm', ['pack', '--silent', '--pack-destination', home], { cwd: workspace, stdio: 'pipe' })
  const installed = join(home, 'node_modules', 'parsec-web-signaling')
  mkdirSync(installed, { recursive: true })
  const [tarball = ''] = readdirSync(home).filter((name) => name.endsWith('.tgz'))
  execFileSync('tar', ['-xzf', join(home, tarball), '--strip-components=1', '-C', installed])
  manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  for (const name of Object.keys(manifest.dependencies)) {
    symlinkSync(join(modules, name), join(home, 'node_modules', name))
  }
  mkdirSync(join(home, 'node_modules', '.bin'))
  for (const [name, path] of Object.entries(manifest.bin)) {
    symlinkSync(join('..', 'parsec-web-signaling', path), join(home, 'node_modules', '.bin', name))
  }
}, 120_000)

afterAll(() => rmSync(home, { recursive: true, force: true }))

const npx = (...args: readonly string[]): string =>
  execFileSync('npx', ['--offline', 'parsec-web-signaling', ...args], { cwd: home, encoding: 'utf8', stdio: 'pipe' })

test('npx parsec-web-signaling knows its version and its options', { timeout: 60_000 }, () => {
  expect(npx('--version')).toBe(`${manifest.version}\n`)
  expect(npx('--help')).toContain('--max-frame-bytes')
})

test('serves', { timeout: 60_000 }, async () => {
  const program = join(home, 'node_modules', '.bin', 'parsec-web-signaling')
  // Loads the Redis client as well; nobody listens on port 9.
  const child = spawn(program, ['--port', '0', '--host', '127.0.0.1', '--backplane', 'redis://127.0.0.1:9'])
  onTestFinished(() => void child.kill('SIGKILL'))
  const { url } = await new Promise<{ url: string }>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      const line = String(chunk)
        .split('\n')
        .find((candidate) => candidate.includes('"url"'))
      if (line) resolve(JSON.parse(line))
    })
  })
  const client = await connect(url)
  expect(await subscribe(client, 'room')).toBe(1)
})

test('can be imported', { timeout: 60_000 }, () => {
  const program = "console.log(typeof (await import('parsec-web-signaling')).startSignalingServer)"
  expect(execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: home, encoding: 'utf8' })).toBe(
    'function\n',
  )
})

test('holds the program, its types, README and licence, and nothing else', () => {
  const installed = join(home, 'node_modules', 'parsec-web-signaling')
  expect(readdirSync(installed).toSorted()).toEqual(['LICENSE', 'README.md', 'bin', 'dist', 'package.json'])
  const files = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' })
  expect(files).toContain('index.d.ts')
  expect(files.filter((name) => /tsbuildinfo|\.test\./.test(name))).toEqual([])
})
