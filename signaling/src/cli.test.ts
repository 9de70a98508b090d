import type { ChildProcess } from 'node:child_process'
import { expect, test } from 'vitest'
import { connect } from '../test/client.ts'
import { runProgram, startServer } from '../test/servers.ts'

const ended = async (child: ChildProcess): Promise<{ status: number | null; output: string; errors: string }> => {
  let output = ''
  let errors = ''
  child.stdout?.on('data', (chunk) => {
    output += chunk
  })
  child.stderr?.on('data', (chunk) => {
    errors += chunk
  })
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { status, output, errors }
}

const firstLine = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => child.stdout?.once('data', (chunk: Buffer) => resolve(String(chunk).split('\n')[0] ?? '')))

/** A program of its own, compiled as it starts: seconds on a machine that does other work. */
const slowStart = { timeout: 60_000 }

test('serves, and SIGTERM drains it: sockets are closed with 1001 and it exits with 0', slowStart, async () => {
  const child = runProgram(['--port', '0', '--drain', '0.1'])
  const { url } = JSON.parse(await firstLine(child)) as { url: string }
  const client = await connect(url)
  const end = ended(child)
  child.kill('SIGTERM')
  expect(await client.closed).toMatchObject({ code: 1001 })
  expect(await end).toMatchObject({ status: 0, errors: '' })
})

test('a used port ends it with one line', slowStart, async () => {
  const server = await startServer()
  const { status, output, errors } = await ended(runProgram(['--port', String(server.port)]))
  expect([status, output]).toEqual([1, ''])
  expect(errors).toMatch(/^parsec-web-signaling: the port is in use .*\n$/)
})

test('bad configuration ends it with one line', slowStart, async () => {
  const { status, output, errors } = await ended(runProgram(['--max-sockets', '0']))
  expect([status, output, errors]).toEqual([1, '', 'parsec-web-signaling: limits.sockets must be a number above 0\n'])
})
