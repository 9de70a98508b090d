/** States are frozen, so that a machine cannot change what the view, the last block and the page still hold. */
import { ReplicaError } from './errors.ts'

const depthMost = 256

/** Functions that freeze deeply. What was frozen once costs nothing again, so that states may share their parts. */
export interface Freezer {
  /** Throws `ReplicaError` `badState` for what is no state. */
  state(value: unknown): void
  /** As far as possible: the values of transactions may hold bytes and dates. */
  value(value: unknown): void
}

export function createFreezer(): Freezer {
  // How deep what is inside it goes. Invariant: what is in here is frozen, and all inside it.
  const depths = new WeakMap<object, number>()

  function freeze(value: unknown, isState: boolean, above: number): number {
    if (typeof value === 'symbol' || typeof value === 'function') return isState ? refuse(`a ${typeof value}`) : 0
    if (typeof value !== 'object' || value === null) return 0
    const known = depths.get(value)
    if (known !== undefined) return known
    checked(1, above)
    if (!isContainer(value)) return isState ? refuse(`a ${value.constructor?.name ?? 'strange object'}`) : 0
    let depth = 0
    for (const part of partsOf(value)) depth = Math.max(depth, freeze(part, isState, above + 1))
    // Another replica of the same machine may have been here.
    if ((value instanceof Map || value instanceof Set) && !Object.isFrozen(value)) closeCollection(value)
    Object.freeze(value)
    // A value that is no state is looked through again when it becomes part of one.
    if (isState) depths.set(value, depth + 1)
    return checked(depth + 1, above)
  }

  return {
    state: (value) => void freeze(value, true, 0),
    value: (value) => void freeze(value, false, 0),
  }
}

type Container = readonly unknown[] | Readonly<Record<string, unknown>> | Map<unknown, unknown> | Set<unknown>

/** Whether it is an array, a plain object, a Map or a Set; not one of a class of their own. */
export function isContainer(value: object): value is Container {
  const prototype: unknown = Object.getPrototypeOf(value)
  return (
    prototype === Object.prototype ||
    prototype === null ||
    prototype === Array.prototype ||
    prototype === Map.prototype ||
    prototype === Set.prototype
  )
}

function partsOf(value: Container): Iterable<unknown> {
  if (Array.isArray(value)) return value
  if (value instanceof Map) return [...value.keys(), ...value.values()]
  return value instanceof Set ? value : Object.values(value)
}

/** `Object.freeze` does not reach what a collection holds. */
function closeCollection(collection: Map<unknown, unknown> | Set<unknown>): void {
  const value = () => {
    throw new TypeError('a state is never changed: copy the collection')
  }
  for (const name of ['set', 'add', 'delete', 'clear'] as const) {
    if (name in collection) Object.defineProperty(collection, name, { value })
  }
}

function checked(depth: number, above: number): number {
  return depth + above > depthMost ? refuse(`more than ${depthMost} containers inside each other`) : depth
}

function refuse(what: string): never {
  throw new ReplicaError('badState', `a state holds ${what}`)
}
