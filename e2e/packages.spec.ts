/** What is published, as users get it: installed from tarballs, by the README's own words, under three bundlers. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createFresh, type Fresh, freePort } from './packages/fresh.ts'
import { test as base, expect, type Page } from './site.ts'

const test = base.extend<object, { readonly fresh: Fresh }>({
  fresh: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this parameter
    async ({}, use) => {
      const fresh = createFresh()
      await use(fresh)
      fresh.remove()
    },
    { scope: 'worker', timeout: 300_000 },
  ],
})

const readme = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8')

/** The first block in this language below the heading. */
function blockOf(heading: string, language: string): string {
  const below = readme.slice(readme.indexOf(`## ${heading}`))
  const block = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(below)?.[1]
  if (!block) throw new Error(`README.md has no ${language} below "${heading}"`)
  return block
}

const versionOf = (name: string): string =>
  JSON.parse(readFileSync(fileURLToPath(new URL(`../node_modules/${name}/package.json`, import.meta.url)), 'utf8'))
    .version

test('a fresh application made by the README shows a counter that is final in three tabs', {
  tag: '@long',
}, async ({ fresh, context }) => {
  test.setTimeout(900_000)
  const heading = 'In an application of your own'
  const port = String(await freePort())
  let folder = fresh.folder
  let address = ''
  for (const line of blockOf(heading, 'sh').trim().split('\n')) {
    const [program = '', ...words] = line.replace('4444', port).split(' ')
    const parameters = words.map((word) => (program === 'npm' && fresh.tarballs.get(word)) || word)
    if (program === 'cd') {
      folder = join(folder, words[0] ?? '')
    } else if (program === 'npx') {
      // From the tarball, where npx would fetch it.
      fresh.run(folder, 'npm', 'install', '--no-save', fresh.tarballs.get(words[0] ?? '') ?? '')
      await fresh.start(folder, /listening|ws:/i, 'npx', ...parameters.filter((word) => word !== '&'))
    } else if (line === 'npm run dev') {
      const app = blockOf(heading, 'tsx').replace('4444', port)
      writeFileSync(join(folder, 'src/App.tsx'), app)
      fresh.run(folder, 'npm', 'run', 'build')
      address = await fresh.start(folder, /http:\/\/localhost:\d+\//, program, ...parameters)
    } else {
      fresh.run(folder, program, ...parameters)
    }
  }
  const tabs: Page[] = []
  for (let i = 1; i <= 3; i++) {
    const tab = await context.newPage()
    await tab.goto(address)
    tabs.push(tab)
    for (const each of tabs)
      await expect(each.getByRole('button')).toHaveText(`0, of which final: 0, in ${i} tabs`, { timeout: 60_000 })
  }
  await Promise.all(tabs.map((tab) => tab.getByRole('button').click()))
  for (const tab of tabs) await expect(tab.getByRole('button')).toHaveText('3, of which final: 3, in 3 tabs')
})

test('the types of every entry resolve wherever ES modules do', { tag: '@long' }, async ({ fresh }) => {
  test.setTimeout(300_000)
  const attw = fileURLToPath(new URL('../node_modules/.bin/attw', import.meta.url))
  for (const tarball of fresh.tarballs.values()) fresh.run(fresh.folder, attw, tarball, '--profile', 'esm-only')
})

const program = (signaling: string, worker: string) => `
import { joinSection } from 'parsec-web'
import { createYjsProvider } from 'parsec-web/yjs'
import { accept, replicate } from 'parsec-web/replica'
import { Doc } from 'yjs'

const room = new URLSearchParams(location.search).get('room')
const section = await joinSection({ room, signaling: ['${signaling}'], iceServers: [], worker: ${worker} })
const replica = replicate(section, { version: 1, initial: 0, apply: (count) => accept(count + 1) })
const provider = createYjsProvider(section, new Doc())
provider.doc.getText('text').insert(0, 'tea')
await replica.submit(1).outcome
provider.on('edit', () => {
  document.title = provider.final.getText('text') + ' ' + section.diagnostics().thread.worker
})
`

const bundlers = [
  {
    name: 'Vite',
    packages: ['vite'],
    worker: 'true',
    command: ['vite', 'build', '--base', './'],
  },
  {
    name: 'webpack',
    packages: ['webpack@5.112.2', 'webpack-cli@6.0.1'],
    worker: 'true',
    command: ['webpack', '--mode', 'production', '--entry', './main.js', '--output-path', './dist'],
  },
  {
    name: 'esbuild',
    packages: ['esbuild'],
    worker: `() => new Worker('./worker.js', { type: 'module' })`,
    command: ['esbuild', 'main.js', 'worker.js', '--bundle', '--format=esm', '--target=es2023', '--outdir=dist'],
  },
]

for (const { name, packages, worker, command } of bundlers) {
  test(`${name} builds it without polyfills, and what it builds runs, in a worker`, {
    tag: '@long',
  }, async ({ fresh, page, signaling, room }) => {
    test.setTimeout(600_000)
    const folder = join(fresh.folder, name)
    mkdirSync(join(folder, 'dist'), { recursive: true })
    const write = (file: string, text: string) => writeFileSync(join(folder, file), text)
    write('package.json', '{ "private": true, "type": "module" }')
    write('main.js', program(signaling.url, worker))
    write('worker.js', `import 'parsec-web/worker'\n`)
    const html = '<!doctype html><title>…</title><script type="module" src="./main.js"></script>'
    write('index.html', html)
    if (name !== 'Vite') write('dist/index.html', html)
    const pinned = packages.map((each) => (each.includes('@') ? each : `${each}@${versionOf(each)}`))
    const tarball = fresh.tarballs.get('parsec-web') ?? ''
    fresh.run(folder, 'npm', 'install', '--no-audit', '--no-fund', tarball, `yjs@${versionOf('yjs')}`, ...pinned)
    const output = fresh.run(folder, 'npx', ...command)
    expect(output).not.toMatch(/externalized for browser compatibility|polyfill/i)
    const site = await serve(join(folder, 'dist'))
    await page.goto(`${site.url}?room=${room}`)
    await expect(page).toHaveTitle('tea true')
    await site.close()
  })
}

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' }

async function serve(folder: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const file = pathname === '/' ? '/index.html' : pathname
    try {
      const content = readFileSync(join(folder, file))
      response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream').end(content)
    } catch {
      response.writeHead(404).end()
    }
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve))
  return {
    url: `http://localhost:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
