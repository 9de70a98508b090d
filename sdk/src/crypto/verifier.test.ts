import { describeSignatures } from '../../test/verifier-contract.ts'

describeSignatures()
