import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteReader, ByteWriter, Malformed } from './bytes.ts';
import { MAX_DEPTH, MAX_SHAPE_KEYS, MAX_SHAPES, MAX_STRINGS } from './format.ts';
import { decodeValue, encodeValue, Omitted, readValue, type ValueTables, ValueWriter } from './value.ts';

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double(),
    fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 53)),
    fc.string({ unit: 'binary', maxLength: 100 }),
    fc.boolean(),
    fc.constantFrom(undefined, null),
    fc.bigInt(),
    fc
      .constantFrom<(n: number[]) => unknown>(
        (n) => Int8Array.from(n),
        (n) => Uint8Array.from(n),
        (n) => Uint8ClampedArray.from(n),
        (n) => Int16Array.from(n),
        (n) => Uint16Array.from(n),
        (n) => Int32Array.from(n),
        (n) => Uint32Array.from(n),
        (n) => Float32Array.from(n),
        (n) => Float64Array.from(n),
        (n) => BigInt64Array.from(n, BigInt),
        (n) => BigUint64Array.from(n, BigInt),
      )
      .chain((make) => fc.array(fc.integer(), { maxLength: 5 }).map(make)),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.oneof(fc.string(), fc.nat(20).map(String), fc.constant('__proto__')), tie('value'), {
      noNullPrototype: true,
    }),
    fc.array(fc.tuple(fc.oneof(fc.string(), fc.integer()), tie('value'))).map((entries) => new Map(entries)),
    fc.array(fc.oneof(fc.string(), fc.integer())).map((items) => new Set(items)),
  ),
})).value;

/** Writes values after each other with common tables and reads them again. */
function throughTables(values: readonly unknown[]): { read: unknown[]; tables: ValueTables; size: number } {
  const tables: ValueTables = { strings: [], shapes: [] };
  const out = new ByteWriter();
  const writer = new ValueWriter(out, tables);
  for (const value of values) writer.write(value, 1_000_000);
  const from = new ByteReader(out.take());
  const read = values.map(() => readValue(from, tables));
  expect(from.remaining).toBe(0);
  return { read, tables, size: out.length };
}

describe('plain data comes back as it was', () => {
  test('by itself', () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(decodeValue(new ByteReader(encodeValue(value)))).toStrictEqual(value);
      }),
    );
  });

  test('with tables, one value after another', () => {
    fc.assert(
      fc.property(fc.array(plain), (values) => {
        expect(throughTables(values).read).toStrictEqual(values);
      }),
    );
  });

  test('down to the sign of zero and the order of keys', () => {
    const value = { b: -0, a: 0, 2: 'x', 1: Number.NaN };
    const [read] = throughTables([value]).read as [typeof value];
    expect(Object.is(read.b, -0)).toBe(true);
    expect(Object.keys(read)).toEqual(Object.keys(value));
  });

  test('an own field of the name __proto__ stays a field', () => {
    const value = JSON.parse('{"__proto__": {"polluted": true}}');
    const [read] = throughTables([value]).read;
    expect(Object.hasOwn(read as object, '__proto__')).toBe(true);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('when more shapes, strings and keys come than the tables take', () => {
    const values: unknown[] = [];
    for (let i = 0; i < MAX_SHAPES + 10; i++) values.push({ [`key ${i}`]: i });
    values.push(Array.from({ length: MAX_STRINGS + 10 }, (_, i) => `s${i}`));
    values.push(Object.fromEntries(Array.from({ length: MAX_SHAPE_KEYS + 1 }, (_, i) => [`k${i}`, i])));
    values.push({ from: 1 }, { 'key 3': 4 });
    const { read, tables } = throughTables(values);
    expect(read).toEqual(values);
    expect(tables.shapes.length).toBe(MAX_SHAPES);
    expect(tables.strings.length).toBe(MAX_STRINGS);
  });
});

test('messages of one form cost their keys once, and small fields a byte each', () => {
  const message = (sequence: number) => ({ from: 3, to: 4, transport: 'udp', message: { type: 'ping', sequence } });
  const { size, tables } = throughTables([message(1), message(2), message(3)]);
  // Three bytes for each of the two objects, and one for each of the five fields that are none.
  expect(size).toBe(3 * 11);
  expect(tables.shapes).toEqual([
    ['type', 'sequence'],
    ['from', 'to', 'transport', 'message'],
  ]);
  expect(tables.strings).toEqual(['udp', 'ping']);
});

describe('what has no place in a trace is replaced by a note', () => {
  const only = (value: unknown): unknown => throughTables([value]).read[0];

  test.each`
    value                               | reason
    ${() => 1}                          | ${'a function'}
    ${Symbol('s')}                      | ${'a symbol'}
    ${new DataView(new ArrayBuffer(1))} | ${'an object that is no plain data'}
    ${/x/}                              | ${'an object that is no plain data'}
  `('$reason', ({ value, reason }) => {
    expect(only({ field: value })).toEqual({ field: new Omitted(reason) });
    expect(decodeValue(new ByteReader(encodeValue([value])))).toEqual([new Omitted(reason)]);
  });

  test.each([true, false])('too much of it; tables: %s', (tables) => {
    const write = (value: unknown): unknown => {
      if (!tables) return decodeValue(new ByteReader(encodeValue(value, 1000)));
      const shared: ValueTables = { strings: [], shapes: [] };
      const writer = new ValueWriter(new ByteWriter(), shared);
      writer.write(value, 1000);
      return readValue(new ByteReader(writer.out.take()), shared);
    };
    const note = new Omitted('larger than 1000 bytes');
    expect(write('x'.repeat(2000))).toEqual(note);
    expect(write({ a: new Uint8Array(2000) })).toEqual(note);
    expect(write(Array.from({ length: 2000 }, () => 1))).toEqual(note);
    expect(write(Array.from({ length: 500 }, () => [{}]))).toEqual(note);
  });

  test('what is nested too deeply, and so every circle', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 7 : [nested(depth - 1)]);
    expect(only(nested(MAX_DEPTH))).toEqual(nested(MAX_DEPTH));
    let innermost = only(nested(MAX_DEPTH + 1));
    while (Array.isArray(innermost)) [innermost] = innermost;
    expect(innermost).toEqual(new Omitted('nested too deeply'));
    const circle: { self?: unknown; other?: unknown } = {};
    circle.self = circle;
    circle.other = circle;
    expect(only(circle)).toEqual(new Omitted('larger than 1000000 bytes'));
  });
});

test('any bytes are a value or malformed, and nothing else', () => {
  const tables: ValueTables = { strings: ['a', 'b'], shapes: [['x', 'y'], []] };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        readValue(new ByteReader(bytes), tables);
      } catch (error) {
        expect(error).toBeInstanceOf(Malformed);
      }
    }),
    {
      numRuns: 20_000,
      // An array that claims 2⁵² items, a map that does, a typed array of 2⁴⁰ bytes, a text without end.
      examples: [0x89, 0x8c, 0x87].map((tag) => [Uint8Array.from([tag, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x07])]),
    },
  );
});
