/** A promise with its handles. `Promise.withResolvers` is not on every platform that we serve. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  // Whoever does not wait for it must not cause an unhandled rejection.
  promise.catch(() => {})
  return { promise, resolve, reject }
}
