/** The counters as Prometheus reads them. Imports counters, refusals and prom-client. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Backplane } from './backplane/backplane.ts'
import type { Counters } from './counters.ts'

export interface MetricsSource {
  readonly counters: Counters
  readonly backplane: Backplane | null
  sockets(): number
  topics(): number
  addresses(): number
  isDraining(): boolean
}

const prefix = 'parsec_signaling_'

/** Values are read when they are asked for: the hot path only adds to numbers. */
export const createMetrics = (source: MetricsSource, withProcess: boolean): Registry => {
  const registry = new Registry()
  const registers = [registry]
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: prefix + name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      name: prefix + name,
      help,
      registers,
      collect() {
        this.reset()
        this.inc(read())
      },
    })
  const { counters, backplane } = source
  gauge('sockets', 'Open sockets', source.sockets)
  gauge('topics', 'Topics with a subscriber on this instance', source.topics)
  gauge('addresses', 'Addresses that are told apart, to limit each by itself', source.addresses)
  gauge('draining', '1 while the server refuses new sockets before it ends', () => Number(source.isDraining()))
  counter('connections_total', 'Sockets accepted', () => counters.connections)
  counter('frames_total', 'Frames received, control frames included', () => counters.frames)
  counter('frames_bytes_total', 'Payload bytes of the messages received', () => counters.framesBytes)
  counter('publishes_total', 'Messages relayed', () => counters.publishes)
  counter('deliveries_total', 'Messages handed to subscribers', () => counters.deliveries)
  counter('deliveries_bytes_total', 'Payload bytes handed to subscribers', () => counters.deliveriesBytes)
  counter('ice_credentials_total', 'TURN credentials handed out', () => counters.iceCredentials)
  new Counter({
    name: `${prefix}refused_total`,
    help: 'What was refused, by reason',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset()
      for (const [reason, count] of Object.entries(counters.refused)) this.inc({ reason }, count)
    },
  })
  if (backplane) {
    gauge('backplane_up', '1 while the broker is connected', () => Number(backplane.isUp))
    gauge('backplane_instances', 'Other instances that are alive', () => backplane.instances)
    counter('backplane_published_total', 'Messages given to the broker', () => backplane.counters.published)
    counter('backplane_received_total', 'Messages of other instances', () => backplane.counters.received)
    counter('backplane_lost_total', 'Messages the broker could not take', () => backplane.counters.lost)
  }
  if (withProcess) collectDefaultMetrics({ register: registry })
  return registry
}
