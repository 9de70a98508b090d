/** What each entry of the SDK costs a page, against its budget. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'esbuild'

/** Bytes of the minified bundle with all its dependencies, and compressed. */
export interface Size {
  readonly minified: number
  readonly gzip: number
  readonly brotli: number
}

/** Most bytes after gzip, in thousands. Raise one only together with a reason in the commit. */
const budgetsKb: Readonly<Record<string, number>> = {
  '.': 158,
  './platform': 158,
  './replica': 10,
  // With the core, which it starts.
  './react': 163,
  './devtools': 15,
  './verify': 56,
  './yjs': 11,
  './worker': 120,
}

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** The SDK's entries, as built, without the peers that the application brings. */
export async function entrySizes(root: string): Promise<Map<string, Size>> {
  const sdk = join(root, 'sdk')
  const { exports, peerDependencies = {} }: Manifest = JSON.parse(readFileSync(join(sdk, 'package.json'), 'utf8'))
  const sizes = new Map<string, Size>()
  for (const [entry, target] of Object.entries(exports)) {
    const file = typeof target === 'string' ? target : target.default
    if (!file.endsWith('.js') || !existsSync(join(sdk, file))) continue
    // An entry without exports is run for what it does.
    const program = entry === './worker' ? `import '${file}'` : `export * from '${file}'`
    sizes.set(entry, await sizeOf(program, sdk, Object.keys(peerDependencies)))
  }
  return sizes
}

/** Of a program, bundled for browsers by esbuild. */
export async function sizeOf(program: string, folder: string, external: readonly string[] = []): Promise<Size> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: folder },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    external: external.flatMap((name) => [name, `${name}/*`]),
    logLevel: 'error',
  })
  const code = outputFiles[0]?.contents ?? new Uint8Array()
  return { minified: code.length, gzip: gzipSync(code, { level: 9 }).length, brotli: brotliCompressSync(code).length }
}

/** One line per entry that exceeds its budget or has none. */
export async function checkSizes(root: string): Promise<string[]> {
  const sizes = await entrySizes(root)
  return [...sizes].flatMap(([entry, { gzip }]) => {
    const budget = budgetsKb[entry]
    if (budget === undefined) return [`parsec-web: ${entry} has no size budget`]
    return gzip <= 1000 * budget ? [] : [`parsec-web: ${entry} has ${gzip} bytes after gzip, at most ${budget} kB`]
  })
}
