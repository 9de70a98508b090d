/** Import directions between the folders, enforced with dependency-cruiser. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cruise, type ICruiseResult, type IFlattenedRuleSet, type IForbiddenRuleType } from 'dependency-cruiser'

const tests = '\\.(browser\\.)?test\\.ts$'
const publicApi = '^sdk/src/index\\.ts$'
const toolApis = '^sdk/src/(verify|devtools)/index\\.ts$'
const sha256 = '^sdk/src/sha256\\.ts$'
const platformApi = '^sdk/src/platform\\.ts$'

/** Nothing of ours outside `allowed`, a regular expression; what npm and Node offer is left to other rules. */
function ownImports(name: string, comment: string, folder: string, allowed: string): IForbiddenRuleType {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: folder, pathNot: tests },
    // A package may lie in the workspace's own node_modules.
    to: { path: '^(sdk|signaling|peer|demo|examples|e2e|scripts)/', pathNot: `${allowed}|/node_modules/` },
  }
}

const rules: IFlattenedRuleSet = {
  forbidden: [
    {
      name: 'core-imports-only-core',
      comment: 'The core is a pure state machine: no folder of ours, no package, nothing of a host.',
      severity: 'error',
      from: { path: '^sdk/src/core/', pathNot: tests },
      to: { pathNot: '^sdk/src/core/' },
    },
    ownImports('crypto-imports-core', 'crypto builds on core types.', '^sdk/src/crypto/', '^sdk/src/(crypto|core)/'),
    ownImports('wire-imports-core', 'wire builds on core types.', '^sdk/src/wire/', `^sdk/src/(wire|core)/|${sha256}`),
    ownImports(
      'store-moves-bytes',
      'store: core types at most.',
      '^sdk/src/store/',
      `^sdk/src/(store|core)/|${sha256}`,
    ),
    ownImports('transport-moves-bytes', 'transport: core types.', '^sdk/src/transport/', '^sdk/src/(transport|core)/'),
    {
      name: 'movers-import-core-types-only',
      comment: 'store and transport move bytes: no code of the core runs in them.',
      severity: 'error',
      from: { path: '^sdk/src/(store|transport)/', pathNot: tests },
      to: { path: '^sdk/src/core/', dependencyTypesNot: ['type-only'] },
    },
    ownImports(
      'runtime-joins-the-parts',
      'runtime joins core, crypto, wire, store and transport.',
      '^sdk/src/runtime/',
      '^sdk/src/(runtime|core|crypto|wire|store|transport)/',
    ),
    ownImports('replica-uses-public-api', 'Public API only.', '^sdk/src/replica/', `^sdk/src/replica/|${publicApi}`),
    ownImports('yjs-uses-public-api', 'Public API only.', '^sdk/src/yjs/', `^sdk/src/yjs/|${publicApi}`),
    ownImports(
      'react-uses-public-api',
      'Public API and replicas only.',
      '^sdk/src/react/',
      `^sdk/src/(react|replica)/|${publicApi}`,
    ),
    ownImports('devtools-use-public-api', 'Public API only.', '^sdk/src/devtools/', `^sdk/src/devtools/|${publicApi}`),
    ownImports(
      'verification-needs-no-section',
      'verify reads what was exported: no store, no transport, nothing of a running section.',
      '^sdk/src/verify/',
      `^sdk/src/(verify|core|crypto|wire|runtime/inspection)/|${publicApi}`,
    ),
    ownImports('commands-use-public-api', 'Public API only.', '^sdk/cli/', `^sdk/cli/|${publicApi}|${toolApis}`),
    ownImports(
      'examples-use-public-api',
      'What is published only.',
      '^examples/',
      '^examples/|^sdk/src/(index|(replica|react|yjs|devtools|verify)/index)\\.ts$',
    ),
    ownImports('demo-uses-public-api', 'Public API only.', '^demo/src/', `^demo/|${publicApi}|${toolApis}`),
    ownImports(
      'demo-breaks-the-sdk-only',
      'What stands in the place of modules of the SDK in the build of the demo: these, and the build.',
      '^demo/(?!src/)',
      '^demo/(break|offline)/|^sdk/src/',
    ),
    {
      name: 'nothing-published-breaks',
      comment: 'What impairs and betrays is in the demo and in tests only.',
      severity: 'error',
      from: { path: '^(sdk|signaling|peer|examples)/' },
      to: { path: '^demo/' },
    },
    ownImports('peer-uses-public-parts', 'Public parts only.', '^peer/src/', `^peer/src/|${publicApi}|${platformApi}`),
    ownImports('signaling-knows-no-sdk', 'The server is trusted with nothing.', '^signaling/', '^signaling/'),
    ownImports('sdk-stands-alone', 'What is published imports nothing beside it.', '^sdk/src/', '^sdk/src/'),
    {
      name: 'sdk-runs-in-browsers',
      comment: 'No module of Node in what browsers load.',
      severity: 'error',
      from: { path: '^sdk/src/', pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'packages-are-declared',
      comment: 'What is published imports only what its own package.json lists under dependencies, its peers included.',
      severity: 'error',
      from: { path: '^((sdk|signaling|peer)/src|sdk/cli)/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only', 'npm-peer'] },
    },
    {
      name: 'everything-resolves',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'tests-are-not-imported',
      comment: 'What tests share lives in a file that is no test.',
      severity: 'error',
      from: {},
      to: { path: tests },
    },
    {
      name: 'no-cycles',
      comment: 'Imports of types alone may meet: they are gone when the code runs.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
}

/** One line per forbidden import below `root`. */
export async function checkDirections(root: string): Promise<string[]> {
  const folders = ['sdk', 'signaling', 'peer', 'demo', 'examples', 'e2e', 'scripts'].filter((folder) =>
    existsSync(join(root, folder)),
  )
  const { output } = await cruise(
    folders,
    {
      baseDir: root,
      ruleSet: rules,
      validate: true,
      doNotFollow: { path: 'node_modules' },
      exclude: { path: '(^|/)dist/' },
      tsPreCompilationDeps: true,
      enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
    },
    // The workspace's own names lead to their sources, as everywhere else.
    {
      alias: {
        'parsec-web$': join(root, 'sdk/src/index.ts'),
        'parsec-web/platform$': join(root, 'sdk/src/platform.ts'),
        'parsec-web/replica$': join(root, 'sdk/src/replica/index.ts'),
        'parsec-web/react$': join(root, 'sdk/src/react/index.ts'),
        'parsec-web/devtools$': join(root, 'sdk/src/devtools/index.ts'),
        'parsec-web/verify$': join(root, 'sdk/src/verify/index.ts'),
        'parsec-web/yjs$': join(root, 'sdk/src/yjs/index.ts'),
        'parsec-web-peer$': join(root, 'peer/src/index.ts'),
      },
    },
  )
  const result = output as ICruiseResult
  if (result.summary.totalCruised === 0) return ['no module was found to check']
  return result.summary.violations.map(
    (violation) => `${violation.from} -> ${violation.to}: ${violation.rule.name}: ${comment(violation.rule.name)}`,
  )
}

/** Every rule, so that each can be shown to fail. */
export const ruleNames: readonly string[] = (rules.forbidden ?? []).flatMap((rule) => rule.name ?? [])

function comment(name: string): string {
  return rules.forbidden?.find((rule) => rule.name === name)?.comment ?? ''
}
