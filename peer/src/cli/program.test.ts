/** The program from outside: processes of their own, a signaling server, and this process as another member. */
import type { Section } from 'parsec-web'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { until } from '../../../sdk/test/sections.ts'
import { type SignalingServer, startSignalingServer } from '../../../signaling/src/index.ts'
import { temporaryDirectory } from '../../test/directories.ts'
import { type Program, startProgram } from '../../test/program.ts'
import { joinSection } from '../index.ts'

const testTimeoutMs = 60_000

let signaling: SignalingServer
beforeAll(async () => {
  signaling = await startSignalingServer({ port: 0, host: '127.0.0.1' })
  return () => signaling.close()
})

function startPeer(room: string, data: string, ...more: string[]): Program {
  const args = ['--room', room, '--signaling', signaling.url, '--data', data, '--ice-servers', '[]', ...more]
  const program = startProgram([...args, '--health-port', '0', '--log-level', 'debug'])
  onTestFinished(async () => {
    program.kill('SIGKILL')
    await program.ended
  })
  return program
}

async function join(room: string): Promise<Section> {
  const data = temporaryDirectory()
  const section = await joinSection({ room, signaling: [signaling.url], iceServers: [], data })
  onTestFinished(() => section.close())
  return section
}

/** Hash by height of every block that the program has logged, in this run or, with its restarts, in all. */
function blocksOf(...programs: readonly Program[]): Map<unknown, unknown> {
  const blocks = new Map<unknown, unknown>()
  for (const { height, hash, msg } of programs.flatMap(({ lines }) => lines)) {
    if (msg !== 'a block is final') continue
    expect(blocks.get(height) ?? hash, `block ${height}`).toBe(hash)
    blocks.set(height, hash)
  }
  return blocks
}

describe('the headless peer', { timeout: testTimeoutMs }, () => {
  test('forms a section with another, agrees with it, stops cleanly, and comes back as the same member', async () => {
    const [dataOfOne, dataOfTwo] = [temporaryDirectory(), temporaryDirectory()]
    const one = startPeer('forms', dataOfOne)
    const { peer, section: id } = await one.line({ msg: 'a member' })
    const two = startPeer('forms', dataOfTwo)
    expect(await two.line({ msg: 'a member' })).toMatchObject({ section: id })
    const section = await join('forms')
    await until(section, ({ members }) => members.length === 3)
    const first = await section.submit('before the restart').final
    await Promise.all([one, two].map((each) => each.line({ msg: 'a block is final', height: first.height })))

    one.kill('SIGTERM')
    expect(await one.ended).toEqual({ code: 0, errors: '' })
    expect(one.lines.at(-1)).toMatchObject({ msg: 'stopped', height: first.height })

    const again = startPeer('forms', dataOfOne)
    expect(await again.line({ msg: 'a member' })).toMatchObject({ peer, section: id })
    await again.line({ msg: 'a block is final', height: first.height })
    const second = await section.submit('after the restart').final
    await Promise.all([again, two].map((each) => each.line({ msg: 'a block is final', height: second.height })))
    const expected = new Map(Array.from({ length: second.height }, (_, i) => [i + 1, section.block(i + 1)?.hash]))
    expect(blocksOf(one, again)).toEqual(expected)
    expect(blocksOf(two)).toEqual(expected)
    two.kill('SIGINT')
    expect(await two.ended).toEqual({ code: 0, errors: '' })
  })

  test('is killed in the midst of load: it comes back as the same member and contradicts nothing', async () => {
    const data = temporaryDirectory()
    const runs = [startPeer('killed', data)]
    const { peer } = (await runs[0]?.line({ msg: 'a member' })) ?? {}
    const section = await join('killed')
    // The founder votes alone: each block is its doing.
    expect(section.status.members.find((member) => member.voter)?.peer).toBe(peer)
    const receipts = []
    for (const kill of [1, 2]) {
      const running = runs.at(-1) as Program
      const some = Array.from({ length: 40 }, (_, number) => section.submit({ kill, number }))
      receipts.push(...some)
      await some[5 * kill]?.final
      running.kill('SIGKILL')
      await running.ended
      runs.push(startPeer('killed', data))
      expect(await runs.at(-1)?.line({ msg: 'a member' })).toMatchObject({ peer })
    }
    const finals = await Promise.all(receipts.map(({ final }) => final))
    expect(new Set(finals.map(({ height, index }) => `${height}/${index}`)).size).toBe(receipts.length)
    expect(section.diagnostics().malice).toEqual([])
    const height = Math.max(...finals.map((final) => final.height))
    await runs.at(-1)?.line({ msg: 'a block is final', height })
    for (const [each, hash] of blocksOf(...runs)) expect(section.block(Number(each))?.hash).toBe(hash)
  })

  test('is alive and not ready while it joins, and stops cleanly then, too', async () => {
    const args = ['--room', 'nobody', '--signaling', 'ws://127.0.0.1:1', '--data', temporaryDirectory()]
    const program = startProgram([...args, '--ice-servers', '[]', '--health-port', '0'])
    const health = await program.health()
    await program.line({ msg: 'joining' })
    expect((await fetch(`${health}/healthz`)).status).toBe(200)
    const readiness = await fetch(`${health}/readyz`)
    expect([readiness.status, await readiness.json()]).toMatchObject([503, { state: 'joining' }])
    program.kill('SIGTERM')
    expect(await program.ended).toEqual({ code: 0, errors: '' })
  })

  test('ends with one line on bad options, and a code that keeps a service manager from trying again', async () => {
    const { code, errors } = await startPeer('bad', temporaryDirectory(), '--max-voters', '5').ended
    expect([code, errors]).toEqual([2, 'parsec-web-peer: maxVoters: a number 3f+1 from 1 to 64\n'])
  })

  test('answers for its health, keeps its database to itself, and ends at once on a second signal', async () => {
    const data = temporaryDirectory()
    const program = startPeer('alone', data)
    const { peer } = await program.line({ msg: 'a member' })
    await program.line({ msg: 'the section changed', state: 'ready' })
    const health = await program.health()
    for (const path of ['/healthz', '/readyz']) {
      const answer = await fetch(health + path)
      expect(answer.status).toBe(200)
      expect(await answer.json()).toMatchObject({ state: 'ready', role: 'voter', voters: 1, peer, persistent: true })
    }
    expect((await fetch(`${health}/other`)).status).toBe(404)

    const { code, errors } = await startPeer('alone', data).ended
    expect([code, errors]).toEqual([1, `parsec-web-peer: another process is using the database in ${data}\n`])

    // Both are waiting when it goes on.
    for (const signal of ['SIGSTOP', 'SIGTERM', 'SIGINT', 'SIGCONT'] as const) program.kill(signal)
    expect((await program.ended).code).toBe(1)
  })
})
