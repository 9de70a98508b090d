/** The part of simple-peer 9 that `connection.ts` uses, its prebuilt bundle included, which has no types of its own. */
declare module 'simple-peer/simplepeer.min.js' {
  interface SimplePeerOptions {
    readonly initiator: boolean
    readonly trickle: boolean
    /** Keeps message boundaries: without it the stream may join what arrives. */
    readonly objectMode: boolean
    readonly channelConfig?: RTCDataChannelInit
    readonly config: RTCConfiguration
    readonly wrtc?: unknown
  }
  interface SimplePeer {
    readonly destroyed: boolean
    readonly connected: boolean
    offerOptions: RTCOfferOptions
    /** Not documented: the objects below the stream. */
    readonly _pc: RTCPeerConnection | null
    readonly _channel: RTCDataChannel | null
    readonly _iceCompleteTimer: ReturnType<typeof setTimeout> | null
    signal(data: unknown): void
    send(data: Uint8Array<ArrayBuffer>): void
    negotiate(): void
    destroy(): void
    on(event: 'signal', listener: (data: unknown) => void): this
    on(event: 'connect' | 'close', listener: () => void): this
    on(event: 'data', listener: (data: unknown) => void): this
    on(event: 'error', listener: (error: Error) => void): this
    on(event: 'iceStateChange', listener: (connection: RTCIceConnectionState) => void): this
    removeAllListeners(): this
  }
  const SimplePeer: new (options: SimplePeerOptions) => SimplePeer
  // biome-ignore lint/style/noDefaultExport: what the bundle exports
  export default SimplePeer
}
