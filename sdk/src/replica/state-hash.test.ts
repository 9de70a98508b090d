import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFreezer } from './freeze.ts'
import { stateHash } from './state-hash.ts'

test('the hash of a state never changes between versions', () => {
  const state = { b: [1, -0, 2n, 'ä', null, undefined, true], a: new Map([['k', new Set([1.5, Number.NaN])]]) }
  expect(stateHash(state)).toMatchInlineSnapshot(`"f98adb25e7151a522c13280dba46db241adadba594872a1360b681c8bc054adf"`)
})

test('the order of keys does not count, the order of a Map and a Set does', () => {
  expect(stateHash({ a: 1, b: 2 })).toBe(stateHash({ b: 2, a: 1 }))
  expect(
    stateHash(
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    ),
  ).not.toBe(
    stateHash(
      new Map([
        ['b', 2],
        ['a', 1],
      ]),
    ),
  )
  expect(stateHash(new Set([1, 2]))).not.toBe(stateHash(new Set([2, 1])))
})

test('different states have different hashes, however alike they look', () => {
  const states = [
    null,
    undefined,
    0,
    -0,
    0n,
    '0',
    '',
    [],
    {},
    [[]],
    [null],
    [undefined],
    new Map(),
    new Set(),
    'null',
    '[]',
    { a: undefined },
    [1, 2],
    ['1,2'],
    new Set([1, 2]),
    { '1': 2 },
    new Map([[1, 2]]),
    '\ud800',
    '\ufffd',
  ] as const
  expect(new Set(states.map(stateHash)).size).toBe(states.length)
})

test('states are equal exactly when their hashes are', () => {
  const plain = fc.anything({ withBigInt: true, withMap: false, withSet: false, withNullPrototype: false, maxDepth: 3 })
  fc.assert(
    fc.property(plain, plain, (a, b) => {
      expect(stateHash(structuredClone(a))).toBe(stateHash(a))
      const isEqual = (() => {
        try {
          expect(a).toStrictEqual(b)
          return true
        } catch {
          return false
        }
      })()
      if (stateHash(a) === stateHash(b)) expect(isEqual).toBe(true)
    }),
  )
}, 30_000)

test('a frozen state cannot be changed at any depth', () => {
  const state = { list: [{ deep: 1 }], map: new Map([['k', { deep: 1 }]]), set: new Set([1]) }
  createFreezer().state(state)
  const changes = [
    () => (state.list[0] as { deep: number }).deep++,
    () => state.list.push({ deep: 2 }),
    () => state.map.set('x', { deep: 1 }),
    () => state.map.delete('k'),
    () => state.map.clear(),
    () => (state.map.get('k') as { deep: number }).deep++,
    () => state.set.add(2),
  ]
  for (const change of changes) expect(change).toThrow(TypeError)
})

test('a state may be frozen by several replicas: an initial one belongs to its machine', () => {
  const state = new Map([['set', new Set([1])]])
  for (const freezer of [createFreezer(), createFreezer()]) freezer.state(state)
  expect(() => state.set('x', new Set())).toThrow(TypeError)
})

test('what is no state is refused: functions, symbols, classes, bytes, and what is too deep, in one go or step by step', () => {
  const refused = expect.objectContaining({ code: 'badState' })
  const freezer = createFreezer()
  for (const state of [() => 1, Symbol('s'), new Date(0), new Uint8Array(1), new (class A {})(), /x/]) {
    expect(() => freezer.state({ state })).toThrow(refused)
  }
  let deep: unknown[] = []
  for (let count = 1; count < 256; count++) deep = [deep]
  freezer.state(deep)
  expect(() => freezer.state([deep])).toThrow(refused)
  let step: readonly unknown[] = []
  for (let count = 1; count < 256; count++) {
    step = [step]
    freezer.state(step)
  }
  expect(() => freezer.state([step])).toThrow(refused)
  const circular: unknown[] = []
  circular.push(circular)
  expect(() => freezer.state(circular)).toThrow(refused)
})
