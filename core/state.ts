import { AssertionError, assert } from './assert.ts';
import { Hash } from './hash.ts';

/*
 * State is plain data: numbers, strings, booleans, bigints, null, undefined, typed arrays, arrays, Maps, Sets and plain objects.
 * The keys of a Map and the items of a Set are no objects, because a copy could not be found by them. Whatever else is met
 * is an AssertionError that names the path to it.
 *
 * The key `~cause` is saved and restored like any other, but in no digest: it says which record something followed from, and
 * records are counted otherwise when somebody says more about the same run.
 *
 * Order counts: two Maps, Sets or objects that hold the same in another order of insertion are different states, since a
 * loop over them does different things.
 */

type Plain = Record<string, unknown>;
type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

const TYPED_ARRAYS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

// By prototype and not by `instanceof`: a subclass, such as Node's Buffer, may not copy when sliced.
const TYPED_ARRAY_TAGS = new Map<unknown, number>(TYPED_ARRAYS.map((type, index) => [type.prototype, index]));

const isTypedArray = (value: object): value is TypedArray => TYPED_ARRAY_TAGS.has(Object.getPrototypeOf(value));

function isPlain(value: object): value is Plain {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether the value is itself: no container to descend into and nothing that has no place in a state. */
function isLeaf(value: unknown): boolean {
  const type = typeof value;
  return type === 'object' ? value === null : type !== 'function' && type !== 'symbol';
}

/** Thrown inside and replaced outside by the error that names the path, so that the fast way keeps no path. */
class Foreign extends Error {}

/** Runs a fast walk; if that meets something that is no state, walks again slowly to say where. */
function orExplain<T>(value: unknown, walk: () => T): T {
  try {
    return walk();
  } catch (error) {
    if (error instanceof Foreign || error instanceof RangeError) inspect(value, 'state', new Map(), false);
    throw error;
  }
}

/**
 * A copy that shares nothing mutable with the original.
 *
 * @throws AssertionError naming the path, when something in it is no plain data
 */
export function copyState<T>(value: T): T {
  return orExplain(value, () => copy(value) as T);
}

function copy(value: unknown): unknown {
  if (isLeaf(value)) return value;
  if (typeof value !== 'object' || value === null) throw new Foreign();
  if (Array.isArray(value)) {
    const items: unknown[] = value.slice();
    for (let i = 0; i < items.length; i++) {
      if (!isLeaf(items[i])) items[i] = copy(items[i]);
    }
    return items;
  }
  if (isPlain(value)) {
    const object: Plain = Object.getPrototypeOf(value) === null ? Object.assign(Object.create(null), value) : { ...value };
    for (const key in object) {
      if (!isLeaf(object[key])) object[key] = copy(object[key]);
    }
    return object;
  }
  if (isTypedArray(value)) return value.slice();
  if (value instanceof Map) {
    const map = new Map<unknown, unknown>(value);
    for (const [key, item] of map) {
      if (typeof key === 'object' ? key !== null : !isLeaf(key)) throw new Foreign();
      if (!isLeaf(item)) map.set(key, copy(item));
    }
    return map;
  }
  if (value instanceof Set) {
    for (const item of value) {
      if (!isLeaf(item)) throw new Foreign();
    }
    return new Set(value);
  }
  throw new Foreign();
}

/**
 * Makes `target` equal to `saved`, sharing nothing mutable with it. Only the identity of `target` itself survives: all
 * containers in it are replaced, and keys that are not in `saved` are gone.
 *
 * @throws AssertionError when the two are not of one kind, or `saved` is no plain data; `target` is unchanged then
 */
export function restoreState(target: object, saved: object): void {
  const fresh = copyState(saved);
  if (Array.isArray(target) && Array.isArray(fresh)) {
    target.length = 0;
    for (const item of fresh) target.push(item);
  } else if (target instanceof Map && fresh instanceof Map) {
    target.clear();
    for (const [key, item] of fresh) target.set(key, item);
  } else if (target instanceof Set && fresh instanceof Set) {
    target.clear();
    for (const item of fresh) target.add(item);
  } else {
    assert(isPlain(target) && isPlain(fresh), () => `${describe(saved)} cannot be restored into ${describe(target)}`);
    restorePlain(target, fresh);
  }
}

function restorePlain(target: Plain, fresh: Plain): void {
  const before = Object.keys(target);
  const keys = Object.keys(fresh);
  if (before.length === keys.length && before.every((key, i) => key === keys[i])) {
    for (const key of keys) target[key] = fresh[key];
  } else {
    // The order of keys is state too. Not done always, because an engine keeps an object slow once a key was deleted.
    for (const key of before) delete target[key];
    Object.defineProperties(target, Object.getOwnPropertyDescriptors(fresh)); // a key may be `__proto__`
  }
}

const TAG = {
  undefined: 1,
  null: 2,
  false: 3,
  true: 4,
  integer: 5,
  float: 6,
  text: 7,
  bigint: 8,
  array: 9,
  object: 10,
  map: 11,
  set: 12,
};
const TYPED_TAG = 16;

/**
 * Takes a state into a hash: equal states give equal digests on every engine, different ones different digests but for
 * one in 2⁶⁴. Maps, Sets and objects are taken in the order of their keys, see the top of this file.
 *
 * @returns the hash, to continue or to print
 * @throws AssertionError naming the path, when something in it is no plain data
 */
export function digestState(value: unknown, hash: Hash = new Hash()): Hash {
  orExplain(value, () => digest(value, hash));
  return hash;
}

function digest(value: unknown, hash: Hash): void {
  switch (typeof value) {
    case 'number':
      return digestNumber(value, hash);
    case 'string':
      hash.word(TAG.text);
      return hash.text(value);
    case 'boolean':
      return hash.word(value ? TAG.true : TAG.false);
    case 'undefined':
      return hash.word(TAG.undefined);
    case 'bigint':
      hash.word(TAG.bigint);
      return hash.text(value.toString(16));
    case 'object':
      return value === null ? hash.word(TAG.null) : digestObject(value, hash);
    default:
      throw new Foreign();
  }
}

function digestNumber(value: number, hash: Hash): void {
  const integer = value | 0;
  if (integer === value && (integer !== 0 || 1 / value > 0)) {
    hash.word(TAG.integer);
    hash.word(integer);
  } else {
    hash.word(TAG.float);
    hash.float(value);
  }
}

function digestObject(value: object, hash: Hash): void {
  if (Array.isArray(value)) {
    hash.word(TAG.array);
    hash.word(value.length);
    for (let i = 0; i < value.length; i++) digest(value[i], hash);
  } else if (isPlain(value)) {
    hash.word(TAG.object);
    for (const key in value) {
      if (key === '~cause') continue;
      hash.text(key);
      digest(value[key], hash);
    }
    hash.word(-1); // no text has this length, so an object ends where it ends
  } else if (isTypedArray(value)) {
    hash.word(TYPED_TAG + (TYPED_ARRAY_TAGS.get(Object.getPrototypeOf(value)) as number));
    digestTyped(value, hash);
  } else if (value instanceof Map) {
    hash.word(TAG.map);
    hash.word(value.size);
    for (const [key, item] of value) {
      if (!isLeaf(key)) throw new Foreign();
      digest(key, hash);
      digest(item, hash);
    }
  } else if (value instanceof Set) {
    hash.word(TAG.set);
    hash.word(value.size);
    for (const item of value) {
      if (!isLeaf(item)) throw new Foreign();
      digest(item, hash);
    }
  } else {
    throw new Foreign();
  }
}

/** By content, small numbers packed into words; by arithmetic, so that the byte order of the machine does not matter. */
function digestTyped(value: TypedArray, hash: Hash): void {
  const { length } = value;
  hash.word(length);
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) {
    for (const item of value) {
      hash.word(Number(item & 0xffff_ffffn));
      hash.word(Number((item >> 32n) & 0xffff_ffffn));
    }
  } else if (value instanceof Float64Array || value instanceof Float32Array) {
    for (let i = 0; i < length; i++) hash.float(value[i] as number);
  } else if (value.BYTES_PER_ELEMENT === 4) {
    for (let i = 0; i < length; i++) hash.word(value[i] as number);
  } else {
    const bits = 8 * value.BYTES_PER_ELEMENT;
    const mask = (1 << bits) - 1;
    let word = 0;
    let filled = 0;
    for (let i = 0; i < length; i++) {
      word |= ((value[i] as number) & mask) << filled;
      filled += bits;
      if (filled === 32) {
        hash.word(word);
        word = 0;
        filled = 0;
      }
    }
    if (filled > 0) hash.word(word);
  }
}

/** Where two states part, with both values in words. */
export interface Difference {
  /** Such as `state.members[3].status` or `state.peers.get("n1").port`. */
  readonly path: string;
  readonly left: string;
  readonly right: string;
}

/**
 * The first difference of two states in the order of the left one, or undefined when they are equal: NaN equals NaN,
 * 0 does not equal −0, and the order of keys counts.
 */
export function compareState(left: unknown, right: unknown, path = 'state'): Difference | undefined {
  if (Object.is(left, right)) return undefined;
  const different = (): Difference => ({ path, left: describe(left), right: describe(right) });
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return different();
  if (kindOf(left) !== kindOf(right)) return different();
  const lefts = entriesOf(left);
  const rights = entriesOf(right);
  for (let i = 0; i < Math.max(lefts.length, rights.length); i++) {
    const [a, b] = [lefts[i], rights[i]];
    if (a === undefined) return { path: path + (b?.step ?? ''), left: 'absent', right: describe(b?.value) };
    if (b === undefined) return { path: path + a.step, left: describe(a.value), right: 'absent' };
    if (!Object.is(a.key, b.key))
      return { path: `${path}, entry ${i}`, left: `key ${describe(a.key)}`, right: `key ${describe(b.key)}` };
    const inner = compareState(a.value, b.value, path + a.step);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

const kindOf = (value: object): unknown => (isPlain(value) ? Object.prototype : Object.getPrototypeOf(value));

interface Entry {
  readonly key: unknown;
  readonly value: unknown;
  /** What the entry adds to a path. */
  readonly step: string;
}

function entriesOf(value: object): Entry[] {
  if (Array.isArray(value) || isTypedArray(value)) {
    return Array.from(value as ArrayLike<unknown>, (item, i) => ({ key: i, value: item, step: `[${i}]` }));
  }
  if (value instanceof Map) return Array.from(value, ([key, item]) => ({ key, value: item, step: `.get(${describe(key)})` }));
  if (value instanceof Set) return Array.from(value, (item, i) => ({ key: i, value: item, step: `, item ${i}` }));
  return Object.entries(value).map(([key, item]) => ({
    key,
    value: item,
    step: /^\w+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`,
  }));
}

/** A value in a few words. */
function describe(value: unknown): string {
  switch (typeof value) {
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'string':
      return JSON.stringify(value);
    case 'bigint':
      return `${value}n`;
    case 'function':
      return `the function ${value.name || 'without a name'}`;
    case 'object':
      return value === null ? 'null' : describeObject(value);
    default:
      return String(value);
  }
}

function describeObject(value: object): string {
  if (Array.isArray(value)) return `an Array of ${value.length}`;
  if (isTypedArray(value)) return `a ${value.constructor.name} of ${value.length}`;
  if (value instanceof Map) return `a Map of ${value.size}`;
  if (value instanceof Set) return `a Set of ${value.size}`;
  if (isPlain(value)) return `an object of ${Object.keys(value).length}`;
  return `an instance of ${value.constructor?.name ?? 'something'}`;
}

/**
 * Checks that a state is plain data and a tree: no mutable object is reachable by two paths, and nothing contains itself.
 * Frozen arrays and objects may be shared; a copy gives each path its own.
 *
 * @throws AssertionError that names the path, or both paths
 */
export function assertTree(state: unknown): void {
  inspect(state, 'state', new Map(), true);
}

/** @param seen where each mutable object was met; without `tree` those on the way from the root only */
function inspect(value: unknown, path: string, seen: Map<object, string>, tree: boolean): void {
  if (isLeaf(value)) return;
  const known =
    typeof value === 'object' &&
    value !== null &&
    (Array.isArray(value) || isPlain(value) || isTypedArray(value) || isMapOrSet(value));
  if (!known) throw new AssertionError(`${path} is ${describe(value)}, which has no place in a state: state is plain data`);
  const elsewhere = seen.get(value);
  if (elsewhere !== undefined) throw new AssertionError(`${path} and ${elsewhere} are one object: state is a tree`);
  seen.set(value, path);
  if (isTypedArray(value)) {
    const owner = seen.get(value.buffer);
    if (owner !== undefined) throw new AssertionError(`${path} and ${owner} are views of one buffer: state is a tree`);
    seen.set(value.buffer, path);
  } else {
    if (value instanceof Map || value instanceof Set) {
      for (const key of value.keys()) {
        if (!isLeaf(key)) throw new AssertionError(`${path} has ${describe(key)} as a key: a copy could not be found by it`);
      }
    }
    for (const entry of entriesOf(value)) inspect(entry.value, path + entry.step, seen, tree);
  }
  if (!tree || (Object.isFrozen(value) && !isMapOrSet(value))) {
    seen.delete(value);
    if (isTypedArray(value)) seen.delete(value.buffer);
  }
}

function isMapOrSet(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Map.prototype || prototype === Set.prototype;
}
