/** Every check is shown to object: small trees with one violation of each rule, and what has to be said about each. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { checkDirections, ruleNames } from './directions.ts'
import { checkPackages } from './packages.ts'
import { checkSnippets } from './snippets.ts'
import { checkLintOutsideGit, checkTypes } from './tools.ts'

interface Plant {
  readonly file: string
  readonly text: string
  /** What the check has to say: a line with all of these. */
  readonly expect: readonly string[]
}

interface Planting {
  readonly check: (root: string) => Promise<string[]>
  readonly plants: readonly Plant[]
}

const directions: readonly Plant[] = [
  rule('core-imports-only-core', 'sdk/src/core/a.ts', `import '../wire/target.ts'`),
  rule('core-imports-only-core', 'sdk/src/core/b.ts', `import 'idb'`),
  rule('core-imports-only-core', 'sdk/src/core/c.ts', `import 'node:fs'`),
  rule('core-imports-only-core', 'sdk/src/core/d.ts', `import type { X } from '../wire/target.ts'\nexport type Y = X`),
  rule('crypto-imports-core', 'sdk/src/crypto/a.ts', `import '../wire/target.ts'`),
  rule('wire-imports-core', 'sdk/src/wire/a.ts', `import '../crypto/target.ts'`),
  rule('store-moves-bytes', 'sdk/src/store/a.ts', `import '../wire/target.ts'`),
  rule('transport-moves-bytes', 'sdk/src/transport/a.ts', `import '../store/target.ts'`),
  rule('movers-import-core-types-only', 'sdk/src/transport/b.ts', `import { x } from '../core/target.ts'\nx()`),
  rule('runtime-joins-the-parts', 'sdk/src/runtime/a.ts', `import '../replica/target.ts'`),
  rule('replica-uses-public-api', 'sdk/src/replica/a.ts', `import '../runtime/target.ts'`),
  rule('yjs-uses-public-api', 'sdk/src/yjs/a.ts', `import '../runtime/target.ts'`),
  rule('react-uses-public-api', 'sdk/src/react/a.ts', `import '../runtime/target.ts'`),
  rule('devtools-use-public-api', 'sdk/src/devtools/a.ts', `import '../core/target.ts'`),
  rule('verification-needs-no-section', 'sdk/src/verify/a.ts', `import '../store/target.ts'`),
  rule('commands-use-public-api', 'sdk/cli/a.ts', `import '../src/core/target.ts'`),
  rule('examples-use-public-api', 'examples/poll/a.ts', `import '../../sdk/src/core/target.ts'`),
  rule('demo-uses-public-api', 'demo/src/a.ts', `import '../../sdk/src/core/target.ts'`),
  rule('demo-breaks-the-sdk-only', 'demo/break/a.ts', `import '../src/a.ts'`),
  rule('nothing-published-breaks', 'sdk/sim/a.ts', `import '../../demo/break/target.ts'`),
  rule('peer-uses-public-parts', 'peer/src/a.ts', `import '../../sdk/src/core/target.ts'`),
  rule('signaling-knows-no-sdk', 'signaling/src/a.ts', `import 'parsec-web'`),
  rule('sdk-stands-alone', 'sdk/src/runtime/b.ts', `import '../../sim/target.ts'`),
  rule('sdk-runs-in-browsers', 'sdk/src/runtime/c.ts', `import 'node:fs'`),
  rule('packages-are-declared', 'sdk/src/runtime/d.ts', `import 'tinyqueue'`),
  rule('everything-resolves', 'sdk/src/runtime/e.ts', `import './nowhere.ts'`),
  rule('tests-are-not-imported', 'sdk/src/runtime/f.ts', `import '../core/target.test.ts'`),
  rule('no-cycles', 'sdk/src/runtime/g.ts', `import './g.ts'`),
]

const targets = ['core', 'crypto', 'wire', 'store', 'runtime', 'replica'].map((folder) => ({
  file: `sdk/src/${folder}/target.ts`,
  text: 'export type X = 1\nexport function x() {}\n',
  expect: [],
}))

const plantings: readonly Planting[] = [
  {
    check: checkDirections,
    plants: [
      ...directions,
      ...targets,
      { file: 'sdk/src/index.ts', text: 'export {}\n', expect: [] },
      { file: 'sdk/sim/target.ts', text: 'export {}\n', expect: [] },
      { file: 'demo/break/target.ts', text: 'export {}\n', expect: [] },
      { file: 'sdk/src/core/target.test.ts', text: 'export {}\n', expect: [] },
      { file: 'package.json', text: '{ "devDependencies": { "tinyqueue": "*" } }', expect: [] },
      { file: 'sdk/package.json', text: '{ "dependencies": {} }', expect: [] },
    ],
  },
  {
    check: checkTypes,
    plants: [
      { file: 'sdk/src/core/a.ts', text: 'setTimeout(() => {}, 1)\n', expect: ['core/a.ts', 'setTimeout'] },
      { file: 'sdk/src/core/b.ts', text: 'console.log(1)\n', expect: ['core/b.ts', 'console'] },
      {
        file: 'sdk/src/core/c.ts',
        text: `crypto.getRandomValues(new Uint8Array(1))\n`,
        expect: ['core/c.ts', 'crypto'],
      },
      { file: 'sdk/src/store/d.ts', text: `process.exit()\n`, expect: ['store/d.ts', 'process'] },
      { file: 'sdk/src/store/e.ts', text: `export enum E { A }\n`, expect: ['store/e.ts', 'erasableSyntaxOnly'] },
      { file: 'signaling/src/f.ts', text: `document.title = ''\n`, expect: ['signaling/src/f.ts', 'document'] },
      { file: 'sdk/cli/i.ts', text: `document.title = ''\n`, expect: ['sdk/cli/i.ts', 'document'] },
      { file: 'peer/src/h.ts', text: `export const h: string = 1\n`, expect: ['peer/src/h.ts', 'TS2322'] },
      { file: 'demo/src/g.ts', text: `export const g: string = 1\n`, expect: ['demo/src/g.ts', 'TS2322'] },
    ],
  },
  {
    check: checkLintOutsideGit,
    plants: [
      lint('noRestrictedGlobals', 'sdk/src/core/a.ts', 'export const a = Date.now()\n'),
      lint('noRestrictedGlobals', 'sdk/src/core/b.ts', 'export const b = new Date()\n'),
      lint('noJsRestrictedProperties', 'sdk/src/core/c.ts', 'export const c = Math.random()\n'),
      lint('noJsRestrictedProperties', 'sdk/src/core/d.ts', 'export const { random } = Math\n'),
      lint('noDefaultExport', 'sdk/src/store/e.ts', 'export default 1\n'),
      lint('useImportExtensions', 'sdk/src/store/f.ts', `import { g } from './g'\n\nexport const f = g\n`),
      { file: 'sdk/src/store/g.ts', text: 'export const g = "semicolons";\n', expect: ['store/g.ts format'] },
    ],
  },
  {
    check: checkSnippets,
    plants: [
      {
        file: 'README.md',
        text: "# T\n\n```ts\nimport { x } from 'parsec-web'\nx(1)\n```\n\n```ts ignore\n%%\n```\n",
        expect: ['README.md:5:', 'Expected 0 arguments'],
      },
      {
        file: 'docs/guide.md',
        text: '```ts\nconst a: string = 1\n```\n',
        expect: ['docs/guide.md:2:', 'not assignable'],
      },
      {
        file: 'docs/component.md',
        text: '```tsx\nexport const a = <p title={1}>text</p>\n```\n',
        expect: ['docs/component.md:2:', 'not assignable'],
      },
      { file: 'sdk/src/index.ts', text: 'export function x() {}\n', expect: [] },
    ],
  },
  {
    check: checkPackages,
    plants: [
      {
        file: 'sdk/package.json',
        text: manifest({ '.': './dist/large.js', './extra': './dist/extra.js', './worker': './dist/gone.js' }),
        expect: ['sdk/package.json', 'gone.js'],
      },
      { file: 'sdk/dist/large.js', text: incompressible(300_000), expect: ['parsec-web: . has', 'after gzip'] },
      { file: 'sdk/dist/extra.js', text: 'export const x = 1\n', expect: ['./extra has no size budget'] },
    ],
  },
]

const copied = [
  'biome.json',
  'tsconfig.json',
  'tsconfig.base.json',
  'tsconfig.tools.json',
  'sdk/tsconfig.json',
  'sdk/src/core/tsconfig.json',
  'sdk/cli/tsconfig.json',
  'signaling/tsconfig.json',
  'peer/tsconfig.json',
]

/** One line per violation that a check lets pass. */
export async function checkTheChecks(root: string): Promise<string[]> {
  const unplanted = ruleNames.filter((name) => !directions.some((plant) => plant.expect.includes(name)))
  const missed = await Promise.all(plantings.map((planting) => missedBy(root, planting)))
  return [...unplanted.map((name) => `no violation of ${name} is planted`), ...missed.flat()]
}

async function missedBy(root: string, { check, plants }: Planting): Promise<string[]> {
  const planted = mkdtempSync(join(tmpdir(), 'parsec-web-check-'))
  try {
    for (const file of copied) copyFileSync(join(root, file), made(planted, file))
    symlinkSync(join(root, 'node_modules'), join(planted, 'node_modules'), 'junction')
    for (const plant of plants) writeFileSync(made(planted, plant.file), plant.text)
    const lines = (await check(planted)).join('\n').split('\n')
    return plants
      .filter((plant) => plant.expect.length > 0)
      .filter((plant) => !lines.some((line) => plant.expect.every((part) => line.includes(part))))
      .map((plant) => `${check.name} says nothing about ${plant.expect.join(', ')} in ${plant.file}`)
  } finally {
    rmSync(planted, { recursive: true, force: true })
  }
}

function manifest(exports: Record<string, string>): string {
  return JSON.stringify({ name: 'parsec-web', version: '0.0.0', type: 'module', license: 'MIT', exports })
}

function incompressible(characters: number): string {
  let state = 1
  const text = Array.from({ length: characters }, () => {
    state = (state * 48_271) % 0x7fffffff
    return (state % 36).toString(36)
  })
  return `export const noise = '${text.join('')}'\n`
}

function made(root: string, file: string): string {
  const path = join(root, file)
  mkdirSync(dirname(path), { recursive: true })
  return path
}

function rule(name: string, file: string, text: string): Plant {
  return { file, text: `${text}\n`, expect: [file, name] }
}

function lint(name: string, file: string, text: string): Plant {
  return { file, text, expect: [file, name] }
}
