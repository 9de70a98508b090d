/** What a tab sends over WebRTC, by the browser's own count. */

/** From now on. Resolves to bytes of DTLS records and connectivity checks; headers of UDP and IP do not count. */
export function watchWire(): () => Promise<number> {
  const connections = new Set<RTCPeerConnection>()
  globalThis.RTCPeerConnection = new Proxy(globalThis.RTCPeerConnection, {
    construct(Native, args: ConstructorParameters<typeof RTCPeerConnection>) {
      const connection = new Native(...args)
      connections.add(connection)
      return connection
    },
  })
  return async () => {
    const reports = await Promise.all([...connections].map((connection) => connection.getStats()))
    return reports.flatMap((report) => [...report.values()]).reduce((sum, stats) => sum + sentOf(stats), 0)
  }
}

function sentOf(stats: { readonly type: string; readonly bytesSent?: number }): number {
  return stats.type === 'candidate-pair' ? (stats.bytesSent ?? 0) : 0
}
