/**
 * A signaling server: it introduces browser peers to each other and is trusted with nothing. This file is the whole
 * public API. The package imports Node, its own files and the libraries in package.json; never the SDK.
 */
export type { Broker, BrokerEvents, ConnectBroker } from './backplane/broker.ts'
export type { IceAnswer, IceOptions, IceServer } from './ice.ts'
export type { CloseOptions } from './instance.ts'
export { defaultLimits, type Limits } from './limits.ts'
export { SignalingOptionError, type SignalingServerOptions, type TlsOptions } from './options.ts'
export { type Refusal, type RefusalCode, refusals } from './refusals.ts'
export { type SignalingServer, startSignalingServer } from './server.ts'
