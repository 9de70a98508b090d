/**
 * `npm run sizes [-- --compare]`: what each entry of the SDK costs a page, from the last build; with `--compare` also
 * what others cost, installed into a folder that is removed again and measured the same way. Prints tables in Markdown.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { entrySizes, type Size, sizeOf } from './check/sizes.ts'

interface Rival {
  readonly name: string
  readonly packages: readonly string[]
  /** What a page needs for peers that exchange messages or documents over WebRTC. */
  readonly program: string
}

const rivals: readonly Rival[] = [
  {
    name: 'y-webrtc + yjs',
    packages: ['y-webrtc@10.3.0', 'yjs@13.6.33'],
    program: `export { WebrtcProvider } from 'y-webrtc'; export * from 'yjs'`,
  },
  { name: 'trystero', packages: ['trystero@0.25.4'], program: `export { joinRoom } from 'trystero'` },
  {
    name: 'js-libp2p: WebRTC over a relay, noise, yamux, gossipsub',
    packages: [
      'libp2p@3.3.11',
      '@libp2p/webrtc@6.0.33',
      '@libp2p/websockets@10.1.21',
      '@libp2p/circuit-relay-v2@4.2.13',
      '@libp2p/identify@4.1.14',
      '@chainsafe/libp2p-noise@17.0.0',
      '@chainsafe/libp2p-yamux@8.0.1',
      '@libp2p/gossipsub@17.1.1',
    ],
    program: `
      export { createLibp2p } from 'libp2p'
      export { webRTC } from '@libp2p/webrtc'
      export { webSockets } from '@libp2p/websockets'
      export { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
      export { identify } from '@libp2p/identify'
      export { noise } from '@chainsafe/libp2p-noise'
      export { yamux } from '@chainsafe/libp2p-yamux'
      export { gossipsub } from '@libp2p/gossipsub'
    `,
  },
]

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({ options: { compare: { type: 'boolean', default: false } } })

const rows = [...(await entrySizes(root))].map(([entry, size]): [string, Size] => [
  `\`${entry.replace('.', 'parsec-web')}\``,
  size,
])
console.log(table('Entry', rows))
if (values.compare) {
  const others: [string, Size][] = []
  for (const rival of rivals) others.push([`${rival.name} (${versions(rival)})`, await measured(rival)])
  console.log(`\n${table('Others', others)}`)
}

async function measured({ packages, program }: Rival): Promise<Size> {
  const folder = mkdtempSync(join(tmpdir(), 'parsec-web-sizes-'))
  try {
    writeFileSync(join(folder, 'package.json'), '{ "private": true }')
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages], {
      cwd: folder,
      stdio: 'ignore',
    })
    return await sizeOf(program, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function versions({ packages }: Rival): string {
  return packages.map((name) => name.replace(/^@[^/]+\//, '').replace('@', ' ')).join(', ')
}

function table(title: string, rows: readonly (readonly [string, Size])[]): string {
  const kb = (bytes: number) => (bytes / 1000).toFixed(1)
  return [
    `| ${title} | minified, kB | gzip, kB | brotli, kB |`,
    '|---|---|---|---|',
    ...rows.map(([name, { minified, gzip, brotli }]) => `| ${name} | ${kb(minified)} | ${kb(gzip)} | ${kb(brotli)} |`),
  ].join('\n')
}
