import { testBrokerContract } from '../../test/broker.contract.ts'
import { createMemoryBroker } from './memory-broker.ts'

const broker = createMemoryBroker()
testBrokerContract('memory', () => broker.connect)
