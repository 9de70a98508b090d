/** What the test page puts where tests find it. */
import type { Section } from 'parsec-web'
import type { Network } from './impaired-connection.ts'

declare global {
  var section: Section
  var network: Network
}
