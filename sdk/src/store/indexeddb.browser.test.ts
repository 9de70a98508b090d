import { describeIndexedDbStore } from '../../test/indexeddb-contract.ts'
import { describeStore } from '../../test/store-contract.ts'
import { openIndexedDbStore } from './indexeddb.ts'

describeStore("in the browser's IndexedDB", () => openIndexedDbStore('parsec-web-test-contract'))
describeIndexedDbStore()
