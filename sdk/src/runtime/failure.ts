/** What stopped a section, in words and codes for its application. */
import { StoreError } from '../store/index.ts'
import { IdentityInUseError } from './engine.ts'
import { ParsecError } from './errors.ts'

export function stoppedBy(error: unknown): ParsecError {
  if (error instanceof ParsecError) return error
  if (error instanceof StoreError) {
    return new ParsecError('storage', inWords(error), { cause: error, reason: error.code })
  }
  if (error instanceof IdentityInUseError) {
    const reason = error.isOutdated ? 'outdated' : 'elsewhere'
    return new ParsecError('identityInUse', error.message, { cause: error, reason })
  }
  return new ParsecError('stopped', error instanceof Error ? error.message : String(error), { cause: error })
}

function inWords({ code, message }: StoreError): string {
  if (code === 'quota') return 'the storage of this site is full: what cannot be kept is not said'
  if (code === 'closed') return "the storage was closed: this site's data was cleared, or another tab upgrades it"
  return `the storage failed (${code}): ${message}`
}
