import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteReader, ByteWriter, Malformed } from './bytes.ts';
import { readColumn, writeColumn, writeFloats, writeSteps } from './column.ts';

function bytes(write: (out: ByteWriter) => void): Uint8Array {
  const out = new ByteWriter(4);
  write(out);
  return out.take();
}

describe('a column is as wide as its largest number', () => {
  test.each`
    values          | stored
    ${[]}           | ${[0]}
    ${[0, 0, 0]}    | ${[0]}
    ${[1, 255]}     | ${[1, 1, 255]}
    ${[1, 256]}     | ${[2, 1, 0, 0, 1]}
    ${[0x10000, 1]} | ${[4, 0, 0, 1, 0, 1, 0, 0, 0]}
    ${[0xffffffff]} | ${[4, 255, 255, 255, 255]}
  `('$values', ({ values, stored }) => {
    expect([...bytes((out) => writeColumn(out, Uint32Array.from(values), values.length))]).toEqual(stored);
    expect([...bytes((out) => writeFloats(out, Float64Array.from(values), values.length))]).toEqual(stored);
    expect([...readColumn(new ByteReader(Uint8Array.from(stored)), values.length)]).toEqual(values);
  });

  test.each([[[0.5]], [[-1]], [[-0]], [[2 ** 32]], [[Number.NaN]]])('and of floats when one of them is %j', (values) => {
    const stored = bytes((out) => writeFloats(out, Float64Array.from(values), values.length));
    expect(stored.length).toBe(9);
    expect([...readColumn(new ByteReader(stored), 1, true)]).toEqual(values);
  });
});

test('any numbers come back', () => {
  fc.assert(
    fc.property(fc.float64Array(), (values) => {
      const stored = bytes((out) => writeFloats(out, values, values.length));
      expect([...readColumn(new ByteReader(stored), values.length, true)]).toEqual([...values]);
    }),
  );
});

test('steps add up to the instants that they were made of, with gaps of years too', () => {
  const gap = fc.oneof(fc.nat(1000), fc.constant(0), fc.integer({ min: 0, max: 2 ** 40 }));
  fc.assert(
    fc.property(fc.array(gap), fc.nat(), (gaps, start) => {
      let at = start;
      const instants = Float64Array.from(gaps, (each) => {
        at += each;
        return at;
      });
      const stored = bytes((out) => writeSteps(out, instants, instants.length, start));
      let sum = start;
      const back = Array.from(readColumn(new ByteReader(stored), gaps.length), (step) => {
        sum += step;
        return sum;
      });
      expect(back).toEqual([...instants]);
    }),
  );
});

describe('a column that cannot be is refused before anything is allocated', () => {
  test.each`
    stored                               | count          | why
    ${[1, 5]}                            | ${2}           | ${'too short'}
    ${[8, 0, 0]}                         | ${500_000_000} | ${'too short by gigabytes'}
    ${[3, 0, 0, 0]}                      | ${1}           | ${'of a width that does not exist'}
    ${[255]}                             | ${1}           | ${'of a width that does not exist'}
    ${[0]}                               | ${2 ** 31}     | ${'of more zeros than a block may have'}
    ${[8, 0, 0, 0, 0, 0, 0, 0xf0, 0xbf]} | ${1}           | ${'of a negative number where counts belong'}
    ${[8, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f]} | ${1}           | ${'of a NaN where counts belong'}
  `('$why', ({ stored, count }) => {
    expect(() => readColumn(new ByteReader(Uint8Array.from(stored)), count)).toThrow(Malformed);
  });
});
