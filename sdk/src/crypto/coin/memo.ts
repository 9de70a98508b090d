/** What was computed once, by name; of more than `capacity`, the least recently used is forgotten. */
export interface Memo<Value> {
  get(name: string): Value | undefined
  /** Answers with the value. */
  set(name: string, value: Value): Value
  values(): Iterable<Value>
}

export function createMemo<Value>(capacity: number): Memo<Value> {
  const values = new Map<string, Value>()
  const set = (name: string, value: Value): Value => {
    values.delete(name)
    values.set(name, value)
    const [oldest] = values.keys()
    if (values.size > capacity && oldest !== undefined) values.delete(oldest)
    return value
  }
  return {
    get(name) {
      const found = values.get(name)
      return found === undefined ? undefined : set(name, found)
    },
    set,
    values: () => values.values(),
  }
}
