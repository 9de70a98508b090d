/**
 * How a page asks the core of its own tab to fork: the value that it submits names what the twin of its event shall say.
 * It travels with the value, so that it needs no other way into a worker. In other tabs it means nothing.
 */

interface Treason {
  readonly twin: unknown
}

/** The event that carries this gets a twin, at the same place, that carries `lie` instead. */
export function treacherous<Value extends object>(value: Value, lie: unknown): Value & Treason {
  return { ...value, twin: lie }
}

/** Undefined where nothing treacherous is asked for. */
export function lieIn(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'twin' in value ? value.twin : undefined
}
