/** What is published, as built: publint's rules, and the sizes of what browsers load. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { checkSizes } from './sizes.ts'

const published = ['sdk', 'signaling', 'peer']

/** To be run on a build. One line per complaint. */
export async function checkPackages(root: string): Promise<string[]> {
  const folders = published.filter((name) => existsSync(join(root, name, 'package.json')))
  return (await Promise.all([...folders.map((name) => checkManifest(root, name)), checkSizes(root)])).flat()
}

async function checkManifest(root: string, name: string): Promise<string[]> {
  const { messages, pkg } = await publint({ pkgDir: join(root, name), level: 'suggestion', strict: true, pack: false })
  return messages.map((message) => `${name}/package.json: ${formatMessage(message, pkg, { color: false })}`)
}
