/** What the test page puts where tests find it, beside the network's switches. */
import type { Section } from 'parsec-web'

declare global {
  var section: Section
}
