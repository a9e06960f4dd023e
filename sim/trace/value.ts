import { type ByteReader, ByteWriter, fileOrder, Malformed } from './bytes.ts';
import { MAX_BODY, MAX_DEPTH, MAX_SHAPE_KEYS, MAX_SHAPES, MAX_STRINGS, MAX_TABLE_STRING } from './format.ts';

/*
 * Plain data as bytes: numbers, strings, booleans, bigints, null, undefined, typed arrays, arrays, Maps, Sets and plain objects.
 *
 * What makes it small and quick is that the world sends the same few forms of message again and again. The list of an object's keys
 * (its shape) and short strings are written once, into tables of the trace, and by number from then on.
 */

/** The first byte of a value. Below 0x80 it is the number itself, from 0xc0 on a string of the table by its low six bits. */
export const Tag = {
  null: 0x80,
  undefined: 0x81,
  false: 0x82,
  true: 0x83,
  /** Varint n: the whole number n, of more than 32 bits. */
  positive: 0x84,
  /** Varint n: the whole number −1 − n. */
  negative: 0x85,
  float: 0x86,
  text: 0x87,
  /** Varint: a string of the table. */
  string: 0x88,
  array: 0x89,
  /** Two bytes: a shape of the table; then the values of its keys in order. */
  shaped: 0x8a,
  object: 0x8b,
  map: 0x8c,
  set: 0x8d,
  typed: 0x8e,
  bigint: 0x8f,
  /** Text: why something is not here. */
  omitted: 0x90,
  /** A whole number in two bytes, or in four. */
  half: 0x91,
  word: 0x92,
  shortString: 0xc0,
} as const;

/** The element types of typed arrays, by their number in the file. */
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
const TYPED_NUMBERS = new Map<unknown, number>(TYPED_ARRAYS.map((type, number) => [type.prototype, number]));

type Plain = Record<string, unknown>;

/** Stands in a value that was read for something that was not written. */
export class Omitted {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

/** What values refer to by number. Grows while a trace is written or read; nothing in it changes. */
export interface ValueTables {
  readonly strings: string[];
  readonly shapes: (readonly string[])[];
}

/** A string that was written under a key, and its number. */
interface Known {
  readonly text: string;
  readonly number: number;
  /** Where to go on after it, if it is what tells apart objects of different shapes: the value of `type`. */
  readonly onward: Step;
}

/** A place in the tree of key lists that were seen: the keys up to here, and what was found for the key that led here. */
interface Step {
  readonly key: string;
  readonly depth: number;
  readonly parent: Step | undefined;
  /** The key that followed last time, to spare the look-up. */
  likely: Step | undefined;
  readonly next: Map<string, Step>;
  shape: number;
  /** The string that was written under this key last, and some before it. */
  known: Known | undefined;
  readonly others: Known[];
}

const step = (key: string, parent: Step | undefined): Step => ({
  key,
  depth: parent === undefined ? 0 : parent.depth + 1,
  parent,
  likely: undefined,
  next: new Map(),
  shape: -1,
  known: undefined,
  others: [],
});

/** Strings that a place remembers. */
const MOST_KNOWN = 16;

/** Steps of the tree; objects used as dictionaries would let it grow without end. */
const MAX_STEPS = 16_384;

/** Room for an object of the most keys, all of them small numbers. */
const SHAPED_ROOM = 3 + 5 * MAX_SHAPE_KEYS;

class TooLarge extends Error {}

/**
 * Writes values one after the other into `out`.
 *
 * Without tables each value stands for itself.
 */
export class ValueWriter {
  readonly out: ByteWriter;
  private readonly tables: ValueTables | undefined;
  private readonly numbers = new Map<string, number>();
  /** The numbers of the shapes by their keys: several places of the tree may have the same. */
  private readonly shapes = new Map<string, number>();
  private readonly root: Step = step('', undefined);
  private steps = 0;
  private depth = 0;
  private limit = 0;

  constructor(out: ByteWriter = new ByteWriter(), tables?: ValueTables) {
    this.out = out;
    this.tables = tables;
    // What tables hold already keeps its number.
    for (const [number, text] of tables?.strings.entries() ?? []) this.numbers.set(text, number);
    for (const [number, keys] of tables?.shapes.entries() ?? []) this.shapes.set(JSON.stringify(keys), number);
  }

  /**
   * Adds a value.
   *
   * @param most bytes that it may take; a larger value is replaced by a note
   */
  write(value: unknown, most: number): void {
    const start = this.out.length;
    this.limit = start + most;
    this.depth = 0;
    try {
      this.any(value);
      if (this.out.length > this.limit) throw new TooLarge();
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error;
      this.out.length = start;
      this.omit(`larger than ${most} bytes`);
    }
  }

  /** The number of a string in the table, whatever its length; -1 when the table is full and `always` is not set. */
  number(text: string, always: boolean): number {
    let number = this.numbers.get(text);
    if (number === undefined) {
      if (this.tables === undefined || (!always && this.tables.strings.length >= MAX_STRINGS)) return -1;
      number = this.tables.strings.push(text) - 1;
      this.numbers.set(text, number);
    }
    return number;
  }

  private any(value: unknown): void {
    const { out } = this;
    switch (typeof value) {
      case 'number':
        return this.num(value);
      case 'string':
        return this.text(value);
      case 'object':
        return value === null ? out.u8(Tag.null) : this.container(value);
      case 'undefined':
        return out.u8(Tag.undefined);
      case 'boolean':
        return out.u8(value ? Tag.true : Tag.false);
      case 'bigint':
        out.u8(Tag.bigint);
        return out.text(String(value));
      default:
        return this.omit(`a ${typeof value}`);
    }
  }

  private num(value: number): void {
    const { out } = this;
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      out.u8(Tag.float);
      out.f64(Number.isNaN(value) ? Number.NaN : value);
    } else if (value >= 0 && value <= 0xffff_ffff) {
      out.reserve(5);
      out.length = putWhole(out.bytes, out.length, value);
    } else {
      out.u8(value < 0 ? Tag.negative : Tag.positive);
      out.varint(value < 0 ? -1 - value : value);
    }
  }

  private text(text: string): void {
    const { out } = this;
    const number = this.tables !== undefined && text.length <= MAX_TABLE_STRING ? this.number(text, false) : -1;
    if (number < 0) {
      if (out.length + text.length > this.limit) throw new TooLarge();
      out.u8(Tag.text);
      out.text(text);
    } else if (number < 0x40) {
      out.u8(Tag.shortString | number);
    } else {
      out.u8(Tag.string);
      out.varint(number);
    }
  }

  private container(value: object): void {
    if (this.depth >= MAX_DEPTH) return this.omit('nested too deeply');
    if (this.out.length > this.limit) throw new TooLarge();
    this.depth++;
    if (Array.isArray(value)) this.array(value);
    else if (ArrayBuffer.isView(value)) this.special(value);
    else if (this.tables === undefined) this.object(value as Plain);
    else this.shaped(value as Plain);
    this.depth--;
  }

  private array(values: readonly unknown[]): void {
    this.out.u8(Tag.array);
    this.out.varint(values.length);
    for (let i = 0; i < values.length; i++) this.any(values[i]);
  }

  /**
   * An object by its shape, in one walk over its keys. What is common is done in place, because this is where a trace's time goes: fields that
   * are small numbers, or the string that was there last time.
   */
  private shaped(value: Plain): void {
    const { out } = this;
    const start = out.length;
    if (start + SHAPED_ROOM > out.bytes.length) out.reserve(SHAPED_ROOM);
    let { bytes } = out;
    let at = start + 3;
    let place = this.root;
    for (const key in value) {
      let next = place.likely;
      if (next === undefined || next.key !== key) {
        next = this.follow(place, key);
        if (next === undefined) {
          out.length = start;
          return this.object(value);
        }
      }
      place = next;
      const field = value[key];
      if (typeof field === 'number' && (field | 0) === field && (field > 0 || Object.is(field, 0))) {
        at = putWhole(bytes, at, field);
        continue;
      }
      if (typeof field === 'string') {
        const known = place.known !== undefined && place.known.text === field ? place.known : this.remember(place, field);
        if (known !== undefined) {
          bytes[at++] = Tag.shortString | known.number;
          place = known.onward;
          continue;
        }
      }
      out.length = at;
      this.any(field);
      at = out.length;
      if (at + SHAPED_ROOM > out.bytes.length) out.reserve(SHAPED_ROOM);
      bytes = out.bytes;
    }
    const shape = place.shape >= 0 ? place.shape : this.shapeOf(place);
    // No keys: a plain object, or something whose content is no keys.
    if (shape < 0 || place === this.root) {
      out.length = start;
      return this.object(value);
    }
    bytes[start] = Tag.shaped;
    bytes[start + 1] = shape;
    bytes[start + 2] = shape >>> 8;
    out.length = at;
  }

  private follow(place: Step, key: string): Step | undefined {
    let next = place.next.get(key);
    if (next === undefined) {
      if (this.steps >= MAX_STEPS || place.depth >= MAX_SHAPE_KEYS) return undefined;
      this.steps++;
      next = step(key, place);
      place.next.set(key, next);
    }
    place.likely = next;
    return next;
  }

  /** What is known of a string under a key; undefined when it has none of the numbers that fit into a byte. */
  private remember(place: Step, text: string): Known | undefined {
    const found = place.others.find((known) => known.text === text);
    if (found !== undefined) {
      place.known = found;
      return found;
    }
    if (place.others.length >= MOST_KNOWN || text.length > MAX_TABLE_STRING) return undefined;
    const number = this.number(text, false);
    if (number < 0 || number >= 0x40 || this.steps >= MAX_STEPS) return undefined;
    // After a type come the keys of that type.
    const branches = place.key === 'type';
    if (branches) this.steps++;
    place.known = { text, number, onward: branches ? step(place.key, place.parent) : place };
    place.others.push(place.known);
    return place.known;
  }

  private shapeOf(place: Step): number {
    const { shapes } = this.tables as ValueTables;
    const keys: string[] = [];
    for (let at = place; at.parent !== undefined; at = at.parent) keys.push(at.key);
    keys.reverse();
    const name = JSON.stringify(keys);
    const known = this.shapes.get(name);
    place.shape = known ?? (shapes.length < MAX_SHAPES ? shapes.push(keys) - 1 : -1);
    if (place.shape >= 0) this.shapes.set(name, place.shape);
    return place.shape;
  }

  private object(value: Plain): void {
    const { out } = this;
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return this.special(value);
    const keys = Object.keys(value);
    out.u8(Tag.object);
    out.varint(keys.length);
    for (const key of keys) {
      out.text(key);
      this.any(value[key]);
    }
  }

  private special(value: object): void {
    const { out } = this;
    const typed = TYPED_NUMBERS.get(Object.getPrototypeOf(value));
    if (typed !== undefined) {
      const array = value as Uint8Array;
      if (out.length + array.byteLength > this.limit) throw new TooLarge();
      const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength).slice();
      out.u8(Tag.typed);
      out.u8(typed);
      out.varint(array.length);
      out.raw(fileOrder(bytes, array.BYTES_PER_ELEMENT));
    } else if (value instanceof Map) {
      out.u8(Tag.map);
      out.varint(value.size);
      for (const [key, item] of value) {
        this.any(key);
        this.any(item);
      }
    } else if (value instanceof Set) {
      out.u8(Tag.set);
      out.varint(value.size);
      for (const item of value) this.any(item);
    } else {
      this.omit('an object that is no plain data');
    }
  }

  private omit(reason: string): void {
    this.out.u8(Tag.omitted);
    this.out.text(reason);
  }
}

/**
 * Puts a whole number below 2³² into bytes, tag and all; returns where it ends.
 *
 * In one, three or five bytes and not as a varint: how long those are is what a processor cannot foresee.
 */
export function putWhole(bytes: Uint8Array, at: number, value: number): number {
  if (value < 0x80) {
    bytes[at] = value;
    return at + 1;
  }
  bytes[at + 1] = value;
  bytes[at + 2] = value >>> 8;
  if (value <= 0xffff) {
    bytes[at] = Tag.half;
    return at + 3;
  }
  bytes[at] = Tag.word;
  bytes[at + 3] = value >>> 16;
  bytes[at + 4] = value >>> 24;
  return at + 5;
}

/**
 * Reads one value.
 *
 * What it allocates is bounded by what is left in `from`: every item takes at least a byte.
 *
 * @throws Malformed when the bytes are no value
 */
export function readValue(from: ByteReader, tables: ValueTables, depth = 0): unknown {
  const tag = from.u8();
  if (tag < 0x80) return tag;
  if (tag >= Tag.shortString) return string(tables, tag & 0x3f);
  switch (tag) {
    case Tag.null:
      return null;
    case Tag.undefined:
      return undefined;
    case Tag.false:
      return false;
    case Tag.true:
      return true;
    case Tag.positive:
      return from.varint();
    case Tag.half:
      return from.u16();
    case Tag.word:
      return from.u32();
    case Tag.negative:
      return -1 - from.varint();
    case Tag.float:
      return from.f64();
    case Tag.text:
      return from.text();
    case Tag.string:
      return string(tables, from.varint());
    case Tag.bigint: {
      const text = from.text();
      if (!/^-?\d{1,5000}$/.test(text)) throw new Malformed('a bigint that is no number');
      return BigInt(text);
    }
    case Tag.omitted:
      return new Omitted(from.text());
    case Tag.typed:
      return typedArray(from);
    default:
      if (depth >= MAX_DEPTH) throw new Malformed('a value nested too deeply');
      return container(tag, from, tables, depth + 1);
  }
}

function container(tag: number, from: ByteReader, tables: ValueTables, depth: number): unknown {
  switch (tag) {
    case Tag.array: {
      const values: unknown[] = new Array(from.count(1));
      for (let i = 0; i < values.length; i++) values[i] = readValue(from, tables, depth);
      return values;
    }
    case Tag.shaped: {
      const keys = tables.shapes[from.u16()];
      if (keys === undefined) throw new Malformed('a shape that is not in the tables');
      from.need(keys.length);
      const value = {};
      for (const key of keys) put(value, key, readValue(from, tables, depth));
      return value;
    }
    case Tag.object: {
      const value = {};
      for (let left = from.count(2); left > 0; left--) put(value, from.text(), readValue(from, tables, depth));
      return value;
    }
    case Tag.map: {
      const map = new Map();
      for (let left = from.count(2); left > 0; left--) map.set(readValue(from, tables, depth), readValue(from, tables, depth));
      return map;
    }
    case Tag.set: {
      const set = new Set();
      for (let left = from.count(1); left > 0; left--) set.add(readValue(from, tables, depth));
      return set;
    }
    default:
      throw new Malformed(`0x${tag.toString(16)} begins no value`);
  }
}

/** Sets a field as a field, even if its name is `__proto__`. */
function put(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') target[key] = value;
  else Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

function string(tables: ValueTables, number: number): string {
  const text = tables.strings[number];
  if (text === undefined) throw new Malformed(`string ${number} is not in the tables`);
  return text;
}

function typedArray(from: ByteReader): unknown {
  const type = TYPED_ARRAYS[from.u8()];
  if (type === undefined) throw new Malformed('a typed array of an unknown type');
  const length = from.count(type.BYTES_PER_ELEMENT);
  // A copy of just these bytes, which `slice` of a Node buffer would not be.
  const bytes = new Uint8Array(from.raw(length * type.BYTES_PER_ELEMENT));
  return new type(fileOrder(bytes, type.BYTES_PER_ELEMENT).buffer as ArrayBuffer);
}

const NO_TABLES: ValueTables = { strings: [], shapes: [] };

/** One value that stands for itself, without tables. One that is larger than a block may be becomes a note. */
export function encodeValue(value: unknown, most: number = MAX_BODY): Uint8Array {
  const writer = new ValueWriter();
  writer.write(value, most);
  return writer.out.take();
}

/** @throws Malformed when the bytes are no value */
export const decodeValue = (from: ByteReader): unknown => readValue(from, NO_TABLES);
