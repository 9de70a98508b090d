/**
 * The global sources of what differs between tabs, while a machine runs. What a module took from them before, time zones
 * and locales are out of reach: these the attested hashes bring to light.
 */
import { ReplicaError } from './errors.ts'

/** The clock stands at `timeMs`, randomness throws `ReplicaError` `nondeterministic`; both as before when it returns or throws. */
export function deterministically<T>(timeMs: number, run: () => T): T {
  const restores: (() => void)[] = []
  const replace = (target: object | undefined, name: string, value: unknown) => {
    if (target && name in target) restores.push(replaced(target, name, value))
  }
  try {
    replace(globalThis, 'Date', frozenDate(timeMs))
    replace(globalThis.performance, 'now', () => timeMs)
    replace(Math, 'random', refused('Math.random'))
    replace(globalThis.crypto, 'getRandomValues', refused('crypto.getRandomValues'))
    replace(globalThis.crypto, 'randomUUID', refused('crypto.randomUUID'))
    return run()
  } finally {
    for (const restore of restores.reverse()) restore()
  }
}

function replaced(target: object, name: string, value: unknown): () => void {
  const before = Reflect.getOwnPropertyDescriptor(target, name)
  const { enumerable = true } = before ?? {}
  // A hardened host refuses, and keeps its own.
  if (!Reflect.defineProperty(target, name, { value, enumerable, writable: true, configurable: true })) return () => {}
  return () => {
    if (before) Reflect.defineProperty(target, name, before)
    else Reflect.deleteProperty(target, name)
  }
}

function refused(source: string): () => never {
  return () => {
    throw new ReplicaError('nondeterministic', `${source} differs between tabs: use the context's randomness`)
  }
}

function frozenDate(timeMs: number): DateConstructor {
  const now = () => timeMs
  return new Proxy(Date, {
    construct: (target, parameters, newTarget) =>
      Reflect.construct(target, parameters.length === 0 ? [timeMs] : parameters, newTarget),
    apply: (target) => new target(timeMs).toString(),
    get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
  })
}
