/** What a service manager or a load balancer asks over HTTP. Imports Node and the public types. */
import { createServer, type Server } from 'node:http'
import type { Section } from 'parsec-web'

export interface Health {
  readonly server: Server
  readonly port: number
  close(): Promise<void>
}

interface Report {
  readonly live: boolean
  readonly ready: boolean
  readonly body: Readonly<Record<string, unknown>>
}

/**
 * `/healthz`: 200 while a restart would not help, that is, unless the section stopped or removed us; `/readyz`: 200 while
 * the section finalizes. `section` is asked anew each time; null while there is none. Rejects as `listen` does.
 */
export async function serveHealth(
  { host, port }: { readonly host: string; readonly port: number },
  section: () => Section | null,
): Promise<Health> {
  const server = createServer((request, response) => {
    const { live, ready, body } = reportOn(section())
    const path = request.url?.split('?')[0]
    if (path !== '/healthz' && path !== '/readyz') return response.writeHead(404).end()
    response.writeHead((path === '/healthz' ? live : ready) ? 200 : 503, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
    })
    response.end(`${JSON.stringify(body)}\n`)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()
  return {
    server,
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function reportOn(section: Section | null): Report {
  const process = {
    uptimeSeconds: Math.round(globalThis.process.uptime()),
    memoryBytes: globalThis.process.memoryUsage.rss(),
  }
  if (section === null) return { live: true, ready: false, body: { state: 'joining', ...process } }
  const { members, ...status } = section.status
  const { transport, storage, malice, events } = section.diagnostics()
  return {
    live: status.state !== 'stopped' && status.role !== 'removed',
    ready: status.state === 'ready',
    body: {
      ...status,
      peer: section.me,
      section: section.id,
      members: members.length,
      online: members.filter(({ online }) => online).length,
      connections: transport.peers.filter(({ state }) => state === 'up').length,
      signaling: transport.signaling.map(({ url, connected }) => ({ url: withoutQuery(url), connected })),
      events,
      malice: malice.length,
      persistent: storage.persistent,
      ...process,
    },
  }
}

/** A signaling server's token stands there. */
function withoutQuery(url: string): string {
  return url.split('?')[0] ?? url
}
