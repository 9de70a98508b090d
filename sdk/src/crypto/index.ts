/**
 * Identities and signatures. May import the core's types, @noble packages and WebCrypto, nothing else. No I/O but the
 * platform's random source.
 */
export { createIdentity, createIdentityKey, type Identity, type IdentityKey, identityFrom } from './identity.ts'
export {
  type KeptIdentityKey,
  type OpenedIdentityKey,
  openIdentityKey,
  plainIdentityKey,
  wrapIdentityKey,
} from './kept-key.ts'
export { isAdmissibleKey, isWellFormedSignature, verifyByPoints } from './signature-rule.ts'
export { createVerifier, type Verifier } from './verifier.ts'
