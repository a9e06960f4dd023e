import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteReader, ByteWriter, fileOrder, Malformed } from './bytes.ts';

function written(write: (out: ByteWriter) => void): number[] {
  const out = new ByteWriter(1);
  write(out);
  return [...out.take()];
}

describe('varint is LEB128', () => {
  // The examples of the DWARF standard, version 4, figure 22.
  test.each`
    value                      | bytes
    ${0}                       | ${[0]}
    ${2}                       | ${[2]}
    ${127}                     | ${[0x7f]}
    ${128}                     | ${[0x80, 1]}
    ${129}                     | ${[0x81, 1]}
    ${130}                     | ${[0x82, 1]}
    ${12857}                   | ${[0x80 + 57, 100]}
    ${2 ** 32}                 | ${[0x80, 0x80, 0x80, 0x80, 0x10]}
    ${Number.MAX_SAFE_INTEGER} | ${[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]}
  `('$value', ({ value, bytes }) => {
    expect(written((out) => out.varint(value))).toEqual(bytes);
    expect(new ByteReader(Uint8Array.from(bytes)).varint()).toBe(value);
  });

  test('any whole number comes back', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(new ByteReader(Uint8Array.from(written((out) => out.varint(value)))).varint()).toBe(value);
      }),
    );
  });

  test.each([[[0x80]], [[]], [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f]], [new Array(20).fill(0x80)]])(
    '%j is none',
    (bytes) => {
      expect(() => new ByteReader(Uint8Array.from(bytes)).varint()).toThrow(Malformed);
    },
  );
});

describe('text is UTF-8', () => {
  test('as the platform writes it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 10 }), (text) => {
        const [, ...bytes] = written((out) => out.text(text));
        expect(bytes).toEqual([...new TextEncoder().encode(text)]);
      }),
      { examples: [['aß€😀']] },
    );
  });

  test('and what UTF-8 has no form for comes back all the same: half a surrogate pair', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }), (text) => {
        expect(new ByteReader(Uint8Array.from(written((out) => out.text(text)))).text()).toBe(text);
      }),
      { examples: [['\ud800'], ['\udc00\ud800'], ['a\ud83d']] },
    );
  });

  test('however long', () => {
    const text = 'Zürich '.repeat(10_000);
    expect(new ByteReader(Uint8Array.from(written((out) => out.text(text)))).text()).toBe(text);
  });

  test.each([[[1, 0x80]], [[1, 0xc3]], [[2, 0xc3, 0x41]], [[1, 0xff]], [[4, 0xf7, 0xbf, 0xbf, 0xbf]], [[5, 0x41]]])(
    '%j is none',
    (bytes) => {
      expect(() => new ByteReader(Uint8Array.from(bytes)).text()).toThrow(Malformed);
    },
  );
});

test('numbers of fixed width are little-endian', () => {
  const bytes = written((out) => {
    out.u8(0xab);
    out.u16(0x1234);
    out.u32(0xdeadbeef);
    out.f64(-2.5);
  });
  expect(bytes).toEqual([0xab, 0x34, 0x12, 0xef, 0xbe, 0xad, 0xde, 0, 0, 0, 0, 0, 0, 0x04, 0xc0]);
  const from = new ByteReader(Uint8Array.from(bytes));
  expect([from.u8(), from.u16(), from.u32(), from.f64(), from.remaining]).toEqual([0xab, 0x1234, 0xdeadbeef, -2.5, 0]);
});

test('a machine of the other byte order turns each number round', () => {
  expect([...fileOrder(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]), 4, false)]).toEqual([4, 3, 2, 1, 8, 7, 6, 5]);
  expect([...fileOrder(Uint8Array.from([1, 2]), 1, false)]).toEqual([1, 2]);
});

test('a reader stops at its end, and asks before it allocates', () => {
  const from = new ByteReader(Uint8Array.from([1, 2, 3, 4]), 1, 3);
  expect(() => from.u32()).toThrow(Malformed);
  expect(() => new ByteReader(Uint8Array.from([0xff, 0xff, 0xff, 0x7f])).count(8)).toThrow(Malformed);
  expect(() => from.need(Number.NaN)).toThrow(Malformed);
});
