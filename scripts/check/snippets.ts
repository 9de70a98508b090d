/** The TypeScript in the documents compiles against the SDK's sources. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'

interface Snippet {
  readonly document: string
  /** Of the first line of code, from 1. */
  readonly line: number
  readonly code: string
  readonly extension: 'ts' | 'tsx'
}

/** One line per error in a ```ts or ```tsx block of README.md or docs/; a block marked ```ts ignore is a sketch, not a program. */
export async function checkSnippets(root: string): Promise<string[]> {
  const snippets = documents(root).flatMap((document) => snippetsOf(root, document))
  if (snippets.length === 0) return []
  const files = new Map(
    snippets.map((snippet, index) => [join(root, `snippet-${index}.${snippet.extension}`), snippet]),
  )
  const options = compilerOptions(root)
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile } = host
  host.fileExists = (path) => files.has(path) || fileExists(path)
  host.readFile = (path) => files.get(path)?.code ?? readFile(path)
  host.getSourceFile = (path, version) => {
    const text = host.readFile(path)
    return text === undefined ? undefined : ts.createSourceFile(path, text, version)
  }
  const program = ts.createProgram([...files.keys()], options, host)
  const errors = [...files.keys()].flatMap((path) => {
    const file = program.getSourceFile(path)
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
  })
  return errors.map((error) => describe(error, files))
}

function documents(root: string): string[] {
  const readme = ['README.md', 'sdk/README.md', 'signaling/README.md', 'peer/README.md'].map((name) => join(root, name))
  const docs = join(root, 'docs')
  const guides = existsSync(docs) ? readdirSync(docs, { recursive: true, encoding: 'utf8' }) : []
  return [
    ...readme.filter(existsSync),
    ...guides.filter((name) => name.endsWith('.md')).map((name) => join(docs, name)),
  ]
}

function snippetsOf(root: string, path: string): Snippet[] {
  const text = readFileSync(path, 'utf8')
  return [...text.matchAll(/^```(ts|tsx|typescript)[ \t]*\n([\s\S]*?)^```/gm)].map((match) => ({
    document: relative(root, path),
    line: text.slice(0, match.index).split('\n').length + 1,
    // Every snippet is a module of its own and may await at its top.
    code: `${match[2]}export {}\n`,
    extension: match[1] === 'tsx' ? 'tsx' : 'ts',
  }))
}

function compilerOptions(root: string): ts.CompilerOptions {
  const path = join(root, 'tsconfig.tools.json')
  const read = ts.readConfigFile(path, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, root, undefined, path)
  // A reader's program need not use all that it shows.
  return { ...options, noUnusedLocals: false, noUnusedParameters: false, incremental: false }
}

function describe(error: ts.Diagnostic, files: ReadonlyMap<string, Snippet>): string {
  const message = ts.flattenDiagnosticMessageText(error.messageText, ' ')
  const snippet = error.file && files.get(error.file.fileName)
  if (!snippet || !error.file) return message
  const { line } = error.file.getLineAndCharacterOfPosition(error.start ?? 0)
  return `${snippet.document}:${snippet.line + line}: ${message}`
}
