import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstMalformed } from './utf8.ts';

const isText = (bytes: Uint8Array): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
};

describe('where bytes stop being UTF-8', () => {
  test.each`
    bytes                             | at           | why
    ${[0x61, 0xff, 0x62]}             | ${1}         | ${'a byte that never occurs'}
    ${[0xc3, 0xa9]}                   | ${undefined} | ${'é'}
    ${[0x61, 0xe9, 0x74]}             | ${1}         | ${'é in Latin-1'}
    ${[0xc0, 0x80]}                   | ${0}         | ${'an overlong NUL'}
    ${[0xed, 0xa0, 0x80]}             | ${0}         | ${'a surrogate'}
    ${[0xf4, 0x90, 0x80, 0x80]}       | ${0}         | ${'above U+10FFFF'}
    ${[0x61, 0xe2, 0x82]}             | ${1}         | ${'cut off'}
    ${[0xf0, 0x9f, 0x8e, 0xbb, 0x21]} | ${undefined} | ${'🎻!'}
  `('$bytes: $why', ({ bytes, at }) => {
    expect(firstMalformed(Uint8Array.from(bytes))).toBe(at);
  });

  test('agrees with the platform’s decoder about any bytes', () => {
    const byte = fc.oneof(
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(0x80, 0xbf, 0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0x9f, 0xa0),
    );
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 12 }), (list) => {
        const bytes = Uint8Array.from(list);
        const at = firstMalformed(bytes);
        expect(at === undefined).toBe(isText(bytes));
        if (at !== undefined) expect(isText(bytes.subarray(0, at))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
