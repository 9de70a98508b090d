import 'fake-indexeddb/auto'
import { describeIndexedDbStore } from '../../test/indexeddb-contract.ts'
import { describeStore } from '../../test/store-contract.ts'
import { openIndexedDbStore } from './indexeddb.ts'

describeStore('in a simulated IndexedDB', () => openIndexedDbStore('parsec-web-test-contract'))
describeIndexedDbStore()
