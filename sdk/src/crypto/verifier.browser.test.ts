import './verifier.test.ts'
