/** One peer without a page around it: tests drive the section and the network by `globalThis`. */
import { type JoinOptions, joinSection } from 'parsec-web'
import { createNetwork } from '../../../demo/break/impaired-connection.ts'

const query = new URL(location.href).searchParams
globalThis.network = createNetwork()

const password = query.get('password')
const iceServers = query.get('iceServers')
const options: JoinOptions = {
  room: query.get('room') ?? '',
  signaling: query.getAll('signaling'),
  ...(password === null ? {} : { password }),
  iceServers: iceServers === null ? [] : JSON.parse(iceServers),
}

joinSection(options).then(
  (section) => {
    globalThis.section = section
    document.body.dataset['phase'] = 'live'
  },
  (error: unknown) => {
    document.body.dataset['phase'] = 'failed'
    document.body.dataset['error'] = String(error)
  },
)
