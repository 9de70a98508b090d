/** A broken invariant stops the section loudly; it is never a peer's fault nor a caller's. Imports nothing. */

export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/** Stays on in production: better a stopped section than a wrong one. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message)
}
